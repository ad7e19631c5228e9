#!/usr/bin/env node
// Extracts the names and codes of Indonesian areas from the npm package `idn-area-data` into `build/areas`,
// where `siaga-center seed` reads them. The data is under the Open Database License (ODbL): it is extracted by
// each build, with its licence beside it, and is never committed.
//
// Usage: node scripts/extract-areas.mjs [FOLDER]      (FOLDER: build/areas)

import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const target = resolve(process.argv[2] ?? join(root, "build", "areas"));
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

mkdirSync(target, { recursive: true });
for (const [file, header] of Object.entries(columns)) {
  const text = readFileSync(join(source, file), "utf8");
  if (text.split(/\r?\n/, 1)[0] !== header) {
    console.error(`${file} of idn-area-data ${version} has other columns than ${header}; use version 4`);
    process.exit(2);
  }
  // Renamed into place, so that a reader never sees half a table.
  writeFileSync(join(target, `.${file}`), text);
  renameSync(join(target, `.${file}`), join(target, file));
}
copyFileSync(join(source, "LICENSE.md"), join(target, "LICENSE.md"));
writeFileSync(
  join(target, "NOTICE"),
  `Contains information from idn-area-data ${version} (https://github.com/fityannugroho/idn-area-data),\nwhich is made available under the Open Database License (ODbL); its text is in LICENSE.md.\n`,
);
console.log(`areas of idn-area-data ${version} extracted into ${target}`);
