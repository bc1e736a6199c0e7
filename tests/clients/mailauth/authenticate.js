// Receives one mail as a receiver with mailauth does: SPF, DKIM and DMARC. Arguments: a DNS server as
// address:port, the client's IP address, the envelope sender. stdin: the mail. stdout: JSON with the
// results, and the Authentication-Results field that a receiver would add.
"use strict";

const dns = require("node:dns");
const fs = require("node:fs");
const { authenticate } = require("mailauth");

const [server, ip, sender] = process.argv.slice(2);
const asked = new dns.promises.Resolver();
asked.setServers([server]);

async function main() {
  const { headers, spf, dkim, dmarc } = await authenticate(fs.readFileSync(0), {
    ip,
    helo: "mail.directmail.test",
    sender,
    mta: "mx.receiver.test",
    disableArc: true,
    disableBimi: true,
    resolver: (name, type) => asked.resolve(name, type),
  });
  process.stdout.write(
    JSON.stringify({
      headers,
      spf: spf.status.result,
      dkim: dkim.results.map(({ signingDomain, status }) => [signingDomain, status.result, Boolean(status.aligned)]),
      dmarc: dmarc.status.result,
    }),
  );
}

main();
