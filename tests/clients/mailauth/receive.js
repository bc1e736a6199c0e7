// What a receiver finds of mails: DKIM, SPF and DMARC by mailauth, asking a DNS server. Arguments: the
// server as address:port. stdin: a JSON list of {mail: base64, sender, ip, helo}. stdout: for each mail
// {header: its Authentication-Results, dkim: [result], spf, dmarc, aligned: {dkim, spf}}.
"use strict";

const fs = require("node:fs");
const dns = require("node:dns");
const { authenticate } = require("mailauth");

const asking = new dns.promises.Resolver({ timeout: 5000, tries: 3 });
asking.setServers([process.argv[2]]);

function resolver(name, type) {
  return asking.resolve(name, type);
}

async function received({ mail, sender, ip, helo }) {
  const options = { sender, ip, helo, mta: "receiver.example", resolver, disableArc: true, disableBimi: true };
  const { dkim, spf, dmarc, headers } = await authenticate(Buffer.from(mail, "base64"), options);
  return {
    header: headers,
    dkim: dkim.results.map(({ status }) => status.result),
    spf: spf.status.result,
    dmarc: dmarc.status.result,
    aligned: { dkim: dmarc.alignment.dkim.result, spf: dmarc.alignment.spf.result },
  };
}

async function main() {
  const mails = JSON.parse(fs.readFileSync(0, "utf8"));
  process.stdout.write(JSON.stringify(await Promise.all(mails.map(received))));
}

main();
