import { existsSync } from "node:fs";

/** Real programs that the suites run. Debian's, and stunnerd where there is one. */
const PROGRAMS = {
  nginx: "/usr/sbin/nginx",
  njs: "/usr/lib/nginx/modules/ngx_http_js_module.so",
  curl: "/usr/bin/curl",
  openssl: "/usr/bin/openssl",
};

/** Whether everything is there. Without it the suites say so in one line and pass; with `CI=true` they fail. */
export function hasPrograms(): boolean {
  const missing = Object.entries(PROGRAMS).flatMap(([name, path]) => (existsSync(path) ? [] : [name]));
  if (missing.length === 0) return true;
  const message = `delivery with real programs needs ${missing.join(", ")}: apt-get install nginx libnginx-mod-http-js curl openssl`;
  if (process.env["CI"] === "true") throw new Error(message);
  process.stdout.write(`skipped: ${message}\n`);
  return false;
}

/** How stunnerd is run: the program that STUNNERD_BIN names, or the stand-in. */
export function stunnerdCommand(): readonly string[] {
  const real = process.env["STUNNERD_BIN"];
  if (real) return [real];
  process.stdout.write("stunnerd is played by test/support/stunnerd: STUNNERD_BIN names no real one\n");
  return [process.execPath, new URL("../../support/stunnerd/main.ts", import.meta.url).pathname];
}
