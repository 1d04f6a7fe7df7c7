// Usage: node verify-statement.mjs STATEMENT-FILE KEYS-JSON-FILE
// Verifies with a COSE library that is not ours, and prints the payload in hex.
import { readFileSync } from "node:fs";
import * as cose from "@transmute/cose";

const [statementFile, keysFile] = process.argv.slice(2);
const keys = JSON.parse(readFileSync(keysFile, "utf8")).keys;

const verifier = cose.attached.verifier({
  resolver: {
    resolve: async (coseSign1) => {
      const { tag, value } = cose.cbor.decodeFirstSync(coseSign1);
      if (tag !== 18) {
        throw new Error("not tagged as COSE_Sign1");
      }
      const kid = Buffer.from(cose.cbor.decodeFirstSync(value[0]).get(4)).toString("base64url");
      const key = keys.find((candidate) => candidate.kid === kid);
      if (!key) {
        throw new Error("no key " + kid);
      }
      return key;
    },
  },
});

const payload = await verifier.verify({ coseSign1: readFileSync(statementFile) });
process.stdout.write(Buffer.from(payload).toString("hex"));
