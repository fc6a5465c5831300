// Python in a worker thread of the supervisor's: it starts Pyodide, loads the candidate, and runs each case in the same clean state.
//
// What a fork gives elsewhere, a copy gives here: all of Python lives in the linear memory of its WebAssembly instance, beside
// files and descriptors that Emscripten keeps in JavaScript. All of it is noted before the candidate is loaded and once it is;
// one state is put back before a case that imports the candidate itself, the other after each case. Where more was touched
// than can be put back, the thread says so and is replaced.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { receiveMessageOnPort, workerData } from "node:worker_threads";

const ROOT = "/tmp/imp-conformance";
const PAGE = 65536;
const MODULE = "# ---- "; // what begins a module of the agent's program, before the name of its file

const { folder, wasm, agent, port, wake } = workerData;
for (const name of Object.keys(workerData)) delete workerData[name]; // out of reach of what Python can do with JavaScript

// What Python may take and what becomes of what it prints: both come with the candidate.
let limits = null;
let sinks = null;

// Pyodide asks for its binary to be compiled; it gets the module that all threads share.
function shareModule() {
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (_, imports) => ({ module: wasm, instance: await instantiate(wasm, imports) });
}

function limitMemory() {
  const { grow } = WebAssembly.Memory.prototype;
  WebAssembly.Memory.prototype.grow = function (pages) {
    if (this.buffer.byteLength + pages * PAGE > (limits?.wasm_memory_bytes ?? Infinity)) throw new RangeError("out of memory");
    return grow.call(this, pages);
  };
}

// Emscripten keeps files in JavaScript's memory, without any limit of its own.
class Disk {
  constructor({ FS, MEMFS, ERRNO_CODES }) {
    const { write } = MEMFS.ops_table.file.stream;
    const { resizeFileStorage } = MEMFS;
    this.used = 0;
    const take = (node, size) => {
      this.used += Math.max(0, size - node.usedBytes);
      if (this.used > (limits?.wasm_disk_bytes ?? Infinity)) throw new FS.ErrnoError(ERRNO_CODES.ENOSPC);
    };
    MEMFS.ops_table.file.stream.write = (stream, buffer, offset, length, position, canOwn) => {
      take(stream.node, position + length);
      return write(stream, buffer, offset, length, position, canOwn);
    };
    MEMFS.resizeFileStorage = (node, size) => {
      take(node, size);
      return resizeFileStorage(node, size);
    };
  }
}

function sinkFor(number) {
  return (bytes) => {
    if (sinks === null) return bytes.length; // what is printed before the candidate is there is nobody's
    const { size, data } = sinks[number];
    const used = Atomics.load(size, 0);
    const taken = bytes.subarray(0, data.length - used);
    data.set(taken, used);
    Atomics.store(size, 0, used + taken.length);
    return bytes.length;
  };
}

// Files, directories and links, as Emscripten's MEMFS keeps them.
class Tree {
  constructor(node) {
    this.node = node;
    this.parent = node.parent;
    this.mode = node.mode;
    this.timestamp = node.timestamp;
    this.link = node.link;
    this.bytes = isFile(node) ? (node.contents ?? new Uint8Array()).slice(0, node.usedBytes) : null;
    this.children = isFolder(node) ? Object.entries(node.contents).map(([name, child]) => [name, new Tree(child)]) : null;
  }

  // Put everything back as it was, or return false where a file or directory of then is gone.
  restore(FS) {
    const { node } = this;
    if (this.children !== null) {
      const names = new Set(this.children.map(([name]) => name));
      for (const [name, child] of Object.entries(node.contents)) if (!names.has(name)) forget(FS, child);
      for (const [name, child] of this.children) if (node.contents[name] !== child.node || !child.restore(FS)) return false;
    } else if (this.bytes !== null && !(node.usedBytes === this.bytes.length && same(node.contents, this.bytes))) {
      node.contents = this.bytes.slice();
      node.usedBytes = this.bytes.length;
    }
    Object.assign(node, { mode: this.mode, timestamp: this.timestamp, link: this.link });
    return node.parent === this.parent;
  }
}

function isFolder(node) {
  return (node.mode & 0o170000) === 0o040000 && node.contents !== null && typeof node.contents === "object";
}

function isFile(node) {
  return node.contents === null || node.contents instanceof Uint8Array;
}

function same(contents, bytes) {
  return bytes.length === 0 || Buffer.compare(contents.subarray(0, bytes.length), bytes) === 0;
}

function forget(FS, node) {
  if (isFolder(node)) for (const child of Object.values(node.contents)) forget(FS, child);
  delete node.parent.contents[node.name];
  FS.destroyNode(node);
}

// All that a case could change.
class Snapshot {
  constructor(module) {
    const { FS, HEAPU8, LDSO } = module;
    this.module = module;
    this.memory = HEAPU8.slice();
    this.outside = outside(module);
    this.files = new Tree(FS.root);
    this.cwd = FS.currentPath;
    this.streams = FS.streams.map((stream) => stream && { stream, flags: stream.flags, position: stream.position });
    this.libraries = [LDSO.loadedLibsByName, LDSO.loadedLibsByHandle].map((known) => ({ known, keys: new Set(Object.keys(known)) }));
  }

  // Put everything back, or return false where that cannot be done.
  restore() {
    try {
      return this.attempt();
    } catch {
      return false;
    }
  }

  attempt() {
    const { FS, HEAPU8 } = this.module;
    const now = outside(this.module);
    if (HEAPU8.length > (limits?.wasm_reused_bytes ?? Infinity) || now.length !== this.outside.length || now.some((item, at) => item !== this.outside[at])) return false;
    HEAPU8.set(this.memory);
    HEAPU8.fill(0, this.memory.length);
    // A library that could not be loaded is known ever after, as one that is there.
    for (const { known, keys } of this.libraries) for (const key of Object.keys(known)) if (!keys.has(key)) delete known[key];
    for (let number = 0; number < FS.streams.length; number++) {
      const saved = this.streams[number];
      FS.streams[number] = saved ? Object.assign(saved.stream, { fd: number, flags: saved.flags, position: saved.position }) : null;
    }
    FS.currentPath = this.cwd;
    return this.files.restore(FS);
  }
}

// What lives outside Python's memory and is not put back: the JavaScript objects that it holds, and the libraries that it loaded.
function outside(module) {
  const found = [module.wasmTable.length, module._hiwire_num_refs()];
  for (let number = 1; ; number++) {
    try {
      found.push(module.__hiwire_get(number));
    } catch {
      return found;
    }
  }
}

function next() {
  for (;;) {
    const seen = Atomics.load(wake, 0);
    const received = receiveMessageOnPort(port);
    if (received !== undefined) return received.message;
    Atomics.wait(wake, 0, seen); // and no event loop: a timer that a case set never fires in a later one
  }
}

function attempt(work, module) {
  try {
    return work();
  } catch (error) {
    if (module.exited !== undefined) return { ended: { how: "exit", number: module.exited.status } };
    return { ended: { how: "lost", detail: error.message.trim().split("\n").at(-1) } };
  }
}

async function main() {
  shareModule();
  limitMemory();
  const { loadPyodide } = await import(pathToFileURL(join(folder, "pyodide.mjs")));
  const pyodide = await loadPyodide({ indexURL: folder });
  const module = pyodide._module;
  pyodide.setStdin({ stdin: () => undefined }); // at its end, as it is elsewhere
  pyodide.setStdout({ write: sinkFor(0), isatty: false });
  pyodide.setStderr({ write: sinkFor(1), isatty: false });
  // Builtins of its own, which no candidate finds or patches by accident.
  const globals = pyodide.runPython(`{"__name__": "agent", "__builtins__": dict(vars(__import__("builtins")))}`);
  for (const piece of agent.split(MODULE).slice(1)) {
    const name = piece.split("\n", 1)[0];
    pyodide.runPython(`#${piece}`, { globals, filename: `<imp-conformance ${name}>` });
  }
  pyodide.runPython(`embedded = Embedded("${ROOT}")`, { globals });
  const [hello, take, load, begin, run] = ["hello", "take", "load", "begin", "run"].map((name) => pyodide.runPython(`embedded.${name}`, { globals }));
  const disk = new Disk(module);
  if (!new Snapshot(module).restore()) throw new Error("its state cannot be put back, which Pyodide 0.25 to 0.29 and 314 let this script do");
  port.postMessage({ hello: hello() });
  const candidate = next();
  ({ limits, sinks } = candidate);
  const taken = attempt(() => take(candidate.load), module);
  const clean = new Snapshot(module);
  port.postMessage(taken ?? attempt(() => ({ loaded: load() }), module));
  const snapshot = new Snapshot(module);
  for (;;) {
    const request = next();
    if (request.own && !clean.restore()) {
      port.postMessage({ stale: true });
      return;
    }
    port.postMessage({ begun: begin(request.case) });
    for (const { size } of sinks) Atomics.store(size, 0, 0);
    disk.used = 0;
    const message = attempt(() => ({ answer: run() }), module);
    const again = message.ended === undefined && snapshot.restore();
    port.postMessage({ ...message, again });
    if (!again) return;
  }
}

main();
