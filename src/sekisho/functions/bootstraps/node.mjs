// The Node.js runtime: loads the handler and asks the Runtime API for work, one invocation at a time.
// It runs alone in the worker process and imports nothing but Node's own modules.
import { existsSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const BASE = "/2018-06-01/runtime";
const END_OF_LOG = "\x1e";
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, target, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, method, path: BASE + target, agent }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(parts).toString() }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

function describe(error) {
  if (error instanceof Error) {
    return JSON.stringify({
      errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n"),
    });
  }
  return JSON.stringify({ errorType: typeof error, errorMessage: String(error), trace: [] });
}

async function load() {
  const [, file, name] = process.env._HANDLER.match(/^(.*)\.([^.]*)$/) ?? [];
  if (!file) throw Object.assign(new Error("Bad handler"), { name: "Runtime.MalformedHandlerName" });
  const base = path.resolve(process.env.LAMBDA_TASK_ROOT, file);
  const found = ["", ".js", ".mjs", ".cjs"].map((ending) => base + ending).find((name) => existsSync(name));
  if (!found) {
    const message = `Error: Cannot find module '${path.basename(file)}'`;
    throw Object.assign(new Error(message), { name: "Runtime.ImportModuleError" });
  }
  let module;
  try {
    module = found.endsWith(".mjs") ? await import(pathToFileURL(found)) : createRequire(found)(found);
  } catch (error) {
    if (error?.code !== "ERR_REQUIRE_ESM" && !/Cannot use import statement|Unexpected token 'export'/.test(error?.message)) throw error;
    module = await import(pathToFileURL(found));
  }
  const handler = module[name] ?? module.default?.[name];
  if (typeof handler !== "function") {
    const message = `${file}.${name} is undefined or not exported`;
    throw Object.assign(new Error(message), { name: "Runtime.HandlerNotFound" });
  }
  return handler;
}

function makeContext(headers, done) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: (error, result) => done(error, result),
    succeed: (result) => done(null, result),
    fail: (error) => done(error),
  };
}

function invoke(handler, event, headers) {
  return new Promise((resolve, reject) => {
    const done = (error, result) => (error ? reject(error) : resolve(result));
    const returned = handler(event, makeContext(headers, done), done);
    if (returned && typeof returned.then === "function") returned.then(resolve, reject);
    else if (handler.length < 3 && returned !== undefined) resolve(returned);
  });
}

let handler;
try {
  handler = await load();
} catch (error) {
  console.error(error);
  await call("POST", "/init/error", describe(error));
  process.exit(1);
}
for (;;) {
  const { headers, body } = await call("GET", "/invocation/next");
  const id = headers["lambda-runtime-aws-request-id"];
  process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"] ?? "";
  let kind = "response";
  let result;
  try {
    result = JSON.stringify((await invoke(handler, JSON.parse(body), headers)) ?? null);
  } catch (error) {
    kind = "error";
    result = describe(error);
    console.error(`${new Date().toISOString()}\t${id}\tERROR\tInvoke Error \t${result}`);
  }
  process.stdout.write(`${END_OF_LOG}${id}\n`);
  await call("POST", `/invocation/${id}/${kind}`, result);
}
