// Runs pytest in CPython for WebAssembly: node run.mjs PACKAGES TESTS ARGUMENT...
// PACKAGES holds installed packages, the wheel among them; TESTS is the folder to run in.
import { loadPyodide } from "pyodide";

const [packages, tests, ...pytestArguments] = process.argv.slice(2);
const python = await loadPyodide({ env: { HOME: "/home/pyodide" } });
for (const [folder, path] of [[packages, "/packages"], [tests, "/tests"]]) {
  python.FS.mkdirTree(path);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, path);
}
python.globals.set("ARGUMENTS", python.toPy(pytestArguments));
try {
  process.exitCode = python.runPython(`
import os
import sys

sys.dont_write_bytecode = True
sys.path[:0] = ["/packages", "/tests"]
os.chdir("/tests")

import pytest

int(pytest.main(list(ARGUMENTS)))
`);
} catch (error) {
  // The message alone: the stack is megabytes of machine-written code.
  console.error(String(error.message));
  process.exitCode = 99;
}
