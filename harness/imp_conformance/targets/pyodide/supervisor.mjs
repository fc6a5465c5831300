// The agent's supervisor where Python is WebAssembly: it speaks with the host, keeps the time, and never runs Python itself.
//
//     node supervisor.mjs FOLDER-OF-THE-NPM-PACKAGE
//
// It takes the agent and then lines of JSON over standard input, as `python -c` does with the host's boot code, which may
// follow as further arguments. A worker thread (instance.mjs) holds Python with the candidate loaded, runs a case a
// request, and puts its memory and files back. One that overran its time, died or cannot be put back is thrown away.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MessageChannel, Worker } from "node:worker_threads";

class Instance {
  // Python in a worker thread: it answers one request after the other, or ends.

  constructor(folder, wasm, agent) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.wake = new Int32Array(new SharedArrayBuffer(4));
    this.sinks = []; // of stdout and stderr, once the limits are known
    this.ended = null;
    this.waiting = null;
    this.inbox = [];
    this.worker = new Worker(new URL("instance.mjs", import.meta.url), {
      workerData: { folder, wasm, agent, port: port2, wake: this.wake },
      transferList: [port2],
      env: {},
      stdout: true,
      stderr: true,
    });
    this.worker.stdout.resume(); // what Pyodide prints of its own accord is nobody's
    this.worker.stderr.resume();
    this.worker.on("error", (error) => this.end({ how: "lost", detail: String(error?.message ?? error) }));
    this.worker.on("exit", (status) => this.end({ how: "exit", number: status }));
    this.port.on("message", (message) => this.settle(message));
  }

  end(how) {
    this.ended ??= how;
    this.settle({ ended: this.ended });
  }

  settle(message) {
    const waiting = this.waiting;
    this.waiting = null;
    if (waiting === null) this.inbox.push(message);
    else waiting(message);
  }

  // Return the next message; { ended } where the thread ended instead, { late: true } where the time was up before, if it is limited.
  answer(seconds) {
    if (this.inbox.length > 0) return Promise.resolve(this.inbox.shift());
    if (this.ended !== null) return Promise.resolve({ ended: this.ended });
    return new Promise((resolve) => {
      const timer = seconds === undefined ? undefined : setTimeout(() => this.settle({ late: true }), seconds * 1000);
      this.waiting = (message) => {
        clearTimeout(timer);
        resolve(message);
      };
    });
  }

  ask(request, seconds) {
    this.port.postMessage(request);
    Atomics.add(this.wake, 0, 1);
    Atomics.notify(this.wake, 0);
    return this.answer(seconds);
  }

  // Have the candidate loaded; from then on what Python prints is collected.
  load(candidate) {
    const { output_bytes: bytes, load_seconds: seconds } = candidate.limits;
    this.sinks = [1, 2].map(() => ({ size: new Int32Array(new SharedArrayBuffer(4)), data: new Uint8Array(new SharedArrayBuffer(bytes)) }));
    return this.ask({ load: JSON.stringify(candidate), limits: candidate.limits, sinks: this.sinks }, seconds);
  }

  output() {
    const texts = this.sinks.map(({ size, data }) => Buffer.from(data.slice(0, Atomics.load(size, 0))).toString("utf-8"));
    return { stdout: texts[0], stderr: texts[1] };
  }

  kill() {
    this.port.close();
    return this.worker.terminate();
  }
}

class Supervisor {
  constructor(folder, agent) {
    this.folder = folder;
    this.agent = agent;
    this.version = JSON.parse(readFileSync(join(folder, "package.json"), "utf-8")).version;
    this.candidate = null;
    this.instance = null;
    this.loading = null; // a promise of what the agent says of the candidate
  }

  // Compiled once, shared by all threads.
  async compile() {
    this.wasm = await WebAssembly.compile(readFileSync(join(this.folder, "pyodide.asm.wasm")));
  }

  async start() {
    const instance = new Instance(this.folder, this.wasm, this.agent);
    const limit = this.candidate?.limits.start_seconds; // the first start is limited by the host
    const first = await instance.answer(limit);
    if (first.hello === undefined) {
      await instance.kill();
      throw new Error(first.late ? `Pyodide does not start within ${limit} s` : `Pyodide does not start: ${ending(first.ended)}`);
    }
    this.instance = instance;
    return JSON.parse(first.hello);
  }

  drop() {
    this.instance?.kill();
    this.instance = this.loading = null;
  }

  async hello() {
    const hello = await this.start();
    return { ...hello, implementation: "pyodide", release: `${hello.release} (Pyodide ${this.version})` };
  }

  // Take the candidate; return what the agent says of it.
  load(candidate) {
    this.candidate = candidate;
    return (this.loading = this.loaded());
  }

  async loaded() {
    const { loaded, ended, late } = await this.instance.load(this.candidate);
    if (loaded !== undefined) return JSON.parse(loaded);
    this.instance.kill();
    return { loaded: false, answer: late ? `importing it takes more than ${this.candidate.limits.load_seconds} s` : `importing it ends the process: ${ending(ended)}` };
  }

  // Have an instance with the candidate loaded, a new one where there is none; return what the agent says of the candidate.
  ready() {
    this.loading ??= this.start().then(
      () => this.loaded(),
      (error) => ({ loaded: false, answer: error.message }),
    );
    return this.loading;
  }

  // Run one case; return what is told of it, and what it left.
  async case(request) {
    const { loaded, answer: why } = await this.ready();
    if (!loaded) return this.failed(`the candidate cannot be imported any more: ${why}`, "");
    const own = request.process === "own";
    let begun = await this.begin(request, own);
    const bare = own && begun.stale === true;
    if (bare) {
      try {
        await this.startBare();
      } catch (error) {
        return this.failed(error.message, "");
      }
      begun = await this.begin(request, false);
    }
    const { instance } = this;
    if (begun.begun === undefined) return this.failed("its files cannot be made", "");
    const { cwd, failure } = JSON.parse(begun.begun);
    if (failure !== null) return this.failed(failure, cwd);
    const { answer, ended, late, again } = await instance.answer(request.limit);
    const output = instance.output();
    if (!again || bare) this.drop();
    const how = late ? { how: "timeout" } : (ended ?? { how: "exit", number: 0 });
    return [{ ended: how, output, cwd, warm: again === true }, answer];
  }

  begin(request, own) {
    return this.instance.ask({ case: JSON.stringify(request), own }, this.candidate.limits.start_seconds);
  }

  // Have an instance in which the candidate is not imported, where the one that is there cannot go back to that.
  async startBare() {
    this.drop();
    await this.start();
    await this.instance.load({ ...this.candidate, process: "own" });
  }

  failed(detail, cwd) {
    this.drop();
    return [{ ended: { how: "not-run", detail }, output: { stdout: "", stderr: "" }, cwd, warm: false }, undefined];
  }
}

function ending(ended) {
  return ended.how === "exit" ? `exit status ${ended.number}` : ended.detail;
}

// What comes over standard input: a length in eight characters, so many bytes, then lines. Its end is the host's.
class Source {
  constructor(stream) {
    this.pieces = [];
    this.wanted = null;
    stream.on("data", (piece) => {
      this.pieces.push(piece);
      this.offer();
    });
    stream.on("end", () => process.exit(0));
  }

  // Return what there is up to the index that find gives of the last piece and the size of all, once it gives one.
  until(find) {
    return new Promise((resolve) => {
      this.wanted = { find, resolve };
      this.offer();
    });
  }

  offer() {
    const size = this.pieces.reduce((sum, piece) => sum + piece.length, 0);
    const end = this.pieces.length === 0 ? null : (this.wanted?.find(this.pieces.at(-1), size) ?? null);
    if (end === null) return;
    const data = Buffer.concat(this.pieces);
    const { resolve } = this.wanted;
    this.pieces = end < data.length ? [data.subarray(end)] : [];
    this.wanted = null;
    resolve(data.toString("utf-8", 0, end));
  }

  text(count) {
    return this.until((_, size) => (size >= count ? count : null));
  }

  line() {
    return this.until((last, size) => {
      const found = last.indexOf(10);
      return found < 0 ? null : size - last.length + found + 1;
    });
  }
}

function send(message) {
  process.stdout.write(ascii(JSON.stringify(message)) + "\n");
}

function ascii(text) {
  return text.replace(/[\u007f-\uffff]/g, (char) => "\\u" + char.charCodeAt(0).toString(16).padStart(4, "0"));
}

// What a case left is a line of its own, since only the host finds out what it is.
function leave(text, { limits }) {
  const fits = text !== undefined && text.length <= limits.observation_bytes && !text.includes("\n");
  process.stdout.write(`${fits ? text : "null"}\n`);
}

async function main(folder) {
  const source = new Source(process.stdin);
  const agent = await source.text(Number(await source.text(8)));
  const supervisor = new Supervisor(folder, agent);
  await supervisor.compile();
  send(await supervisor.hello());
  send(await supervisor.load(JSON.parse(await source.line())));
  for (;;) {
    const request = JSON.parse(await source.line());
    const [told, left] = await supervisor.case(request);
    send(told);
    leave(left, supervisor.candidate);
    supervisor.ready(); // where a new instance is needed, it starts while the host judges
  }
}

process.stdout.on("error", () => process.exit(0)); // the host is gone
main(process.argv[2]).catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
