// A Bluesky PDS with a PLC directory of its own, for tests: on loopback, in a folder that the caller throws away.
//
//   node pds.mjs FOLDER_WITH_NODE_MODULES FOLDER_FOR_DATA
//
// Prints one line of JSON when both answer, and ends when its standard input is closed, so that it never outlives the
// tests that started it, however those end.

import crypto from 'node:crypto'
import { createRequire } from 'node:module'
import net from 'node:net'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const [packages, data] = process.argv.slice(2).map((folder) => path.resolve(folder))
const require = createRequire(path.join(packages, 'package.json'))
const secret = () => crypto.randomBytes(32).toString('hex')

// Both servers listen on a port alone, which is every address of the machine; here it is loopback.
const everywhere = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...rest) {
  const alone = Number.isInteger(Number(port)) && typeof rest[0] !== 'string'
  return alone ? everywhere.call(this, Number(port), '127.0.0.1', ...rest) : everywhere.call(this, port, ...rest)
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = net.createServer().once('error', reject)
    probe.listen(0, () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })

const [pdsPort, plcPort] = [await freePort(), await freePort()]

const { PlcServer, Database } = require('@did-plc/server')
const plc = PlcServer.create({ db: Database.mock(), port: plcPort })
await plc.start()

Object.assign(process.env, {
  LOG_ENABLED: 'false',
  PDS_ADMIN_PASSWORD: secret(),
  PDS_BLOBSTORE_DISK_LOCATION: path.join(data, 'blobs'),
  PDS_BLOBSTORE_DISK_TMP_LOCATION: path.join(data, 'uploads'),
  PDS_DATA_DIRECTORY: data,
  PDS_DEV_MODE: 'true',
  PDS_DID_PLC_URL: `http://127.0.0.1:${plcPort}`,
  PDS_HOSTNAME: 'localhost',
  PDS_INVITE_REQUIRED: 'false',
  PDS_JWT_SECRET: secret(),
  PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX: secret(),
  PDS_PORT: String(pdsPort),
  PDS_RATE_LIMITS_ENABLED: process.env.PDS_RATE_LIMITS_ENABLED ?? 'false',
})
const entry = pathToFileURL(path.join(packages, 'node_modules/@atproto/pds/dist/index.js'))
const { PDS, readEnv, envToCfg, envToSecrets } = await import(entry)
const environment = readEnv()
const pds = await PDS.create(envToCfg(environment), envToSecrets(environment))
await pds.start()

let ending = false
const end = async () => {
  if (ending) return
  ending = true
  setTimeout(() => process.exit(0), 3000).unref()
  await Promise.allSettled([pds.destroy(), plc.destroy()])
  process.exit(0)
}
process.stdin.on('end', end).on('close', end).resume()
process.on('SIGTERM', end)
process.on('SIGINT', end)

console.log(JSON.stringify({ pds: `http://127.0.0.1:${pdsPort}`, plc: `http://127.0.0.1:${plcPort}` }))
