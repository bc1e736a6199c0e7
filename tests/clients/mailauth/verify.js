// Verifies DKIM signatures by mailauth. Arguments: a JSON file with {"name": ["string", ...]}, the TXT
// records of a small DNS. stdin: a JSON list of mails in base64. stdout: for each mail a list with the
// verdict on each signature, the topmost first.
"use strict";

const fs = require("node:fs");
const { dkimVerify } = require("mailauth/lib/dkim/verify");

const records = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));

// As node:dns answers: a list of records, each a list of strings.
async function resolver(name, type) {
  if (type === "TXT" && records[name]) return [records[name]];
  throw Object.assign(new Error(`no ${type} record at ${name}`), { code: "ENOTFOUND" });
}

async function main() {
  const verdicts = [];
  for (const mail of JSON.parse(fs.readFileSync(0, "utf8"))) {
    const { results } = await dkimVerify(Buffer.from(mail, "base64"), { resolver });
    verdicts.push(
      results.map(({ signingDomain, selector, algo, status }) => ({
        domain: signingDomain,
        selector,
        algorithm: algo,
        result: status.result,
        comment: status.comment || "",
      })),
    );
  }
  process.stdout.write(JSON.stringify(verdicts));
}

main();
