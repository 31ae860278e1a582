/** Loaded before every test file: properties try the same cases each time, others with SEED=number. */

import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.SEED ?? 1) });
