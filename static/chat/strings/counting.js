/** How much there is of something, in words. */

export const megabytes = bytes =>
  bytes < 100_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

export const plural = (count, one, many) => `${count.toLocaleString()} ${count === 1 ? one : many}`;

export const seconds = value => (value < 60 ? `${value} s` : `${Math.floor(value / 60)} min ${value % 60} s`);
