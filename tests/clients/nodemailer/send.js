// Sends mails by nodemailer. stdin: {"transport": {...}, "mails": [...]} as nodemailer takes them, save that
// `raw` is base64. stdout: a list with the server's reply or the refusal for each mail.
"use strict";

const nodemailer = require("nodemailer");

async function main() {
  const { transport: options, mails } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  const transport = nodemailer.createTransport(options);
  const answers = [];
  for (const mail of mails) {
    if (mail.raw) mail.raw = Buffer.from(mail.raw, "base64");
    try {
      const info = await transport.sendMail(mail);
      answers.push({ reply: info.response, rejected: info.rejected });
    } catch (error) {
      answers.push({ code: error.code, reply: error.response || String(error), rejected: error.rejected || [] });
    }
  }
  transport.close();
  process.stdout.write(JSON.stringify(answers));
}

main();
