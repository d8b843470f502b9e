import { useEngine } from '@dlkit/engine'
import { faults } from './faults.js'

await useEngine({ prefer: (process.env.ENGINE ?? 'cpu') as 'cpu' })
const filter = process.argv[2] ? new RegExp(process.argv[2]) : /(?!GAN)/
let ok = 0,
  n = 0
for (const { name, architecture, expected, run } of faults) {
  if (!filter.test(`${architecture} ${name}`)) continue
  const t = Date.now()
  try {
    const findings = await run()
    const hit = findings.find((f) => expected.includes(f.rule) && f.step <= 200)
    n++
    if (hit) ok++
    console.log(`${hit ? 'HIT ' : 'MISS'} ${architecture}: ${name} ${Date.now() - t} ms`)
    for (const f of findings) console.log(`   ${f.severity} ${f.rule} @${f.step}: ${f.message}`)
  } catch (e) {
    console.log('ERROR', architecture, name, (e as Error).stack?.split('\n').slice(0, 4).join('\n'))
    n++
  }
}
console.log(ok, 'of', n)
