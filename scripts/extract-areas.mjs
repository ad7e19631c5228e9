#!/usr/bin/env node
// Packs the names and codes of Indonesia's regencies, districts and villages from the npm package `idn-area-data` into
// `crates/center/areas`, which the center carries in its program. Run it when that package changes, and commit what it
// wrote. The data is under the Open Database License (ODbL); its text and the notice it asks for lie beside it.
//
// Usage: node scripts/extract-areas.mjs [--check]      (--check: only say whether what is committed is what this would write)

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const target = join(root, "crates", "center", "areas");
const columns = { "regencies.csv": "code,province_code,name", "districts.csv": "code,regency_code,name", "villages.csv": "code,district_code,name" };

let source;
let version;
try {
  const entry = createRequire(join(root, "ui", "package.json")).resolve("idn-area-data");
  const home = dirname(dirname(entry));
  version = JSON.parse(readFileSync(join(home, "package.json"), "utf8")).version;
  source = join(home, "data");
} catch {
  console.error("idn-area-data is not installed; install it with: npm ci --prefix ui");
  process.exit(2);
}

const rows = [];
for (const [file, header] of Object.entries(columns)) {
  const [head, ...lines] = readFileSync(join(source, file), "utf8").split(/\r?\n/);
  if (head !== header) {
    console.error(`${file} of idn-area-data ${version} has other columns than ${header}; use version 4`);
    process.exit(2);
  }
  for (const line of lines.filter((line) => line !== "")) {
    // The name comes last and may be quoted, with a quote written twice.
    const [, code, name] = /^([^,]*),[^,]*,(.*)$/.exec(line);
    rows.push(`${code}\t${name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name}\n`);
  }
}
rows.sort();
const text = rows.join("");

if (process.argv[2] === "--check") {
  const same = gunzipSync(readFileSync(join(target, "areas.tsv.gz"))).toString("utf8") === text;
  console.log(same ? "the areas are up to date" : "the areas are not those of the installed idn-area-data");
  process.exit(same ? 0 : 1);
}
mkdirSync(target, { recursive: true });
writeFileSync(join(target, "areas.tsv.gz"), gzipSync(text, { level: 9 }));
writeFileSync(join(target, "LICENSE.md"), readFileSync(join(source, "LICENSE.md")));
writeFileSync(
  join(target, "NOTICE"),
  `Contains information from idn-area-data ${version} (https://github.com/fityannugroho/idn-area-data),\nwhich is made available under the Open Database License (ODbL); its text is in LICENSE.md.\n`,
);
console.log(`${rows.length} areas of idn-area-data ${version} packed into ${target}`);
