import { useEngine } from '@dlkit/engine'
import { healthy } from './healthy.js'

await useEngine({ prefer: (process.env.ENGINE ?? 'cpu') as 'cpu' })
for (const { name, architecture, run } of healthy.filter(
  (s) => !process.argv[2] || s.name.includes(process.argv[2]),
)) {
  const t = Date.now()
  const findings = await run()
  console.log(`${architecture}: ${name} ${Date.now() - t} ms`, findings.length ? '' : 'silent')
  for (const f of findings) console.log(`   ${f.severity} ${f.rule} @${f.step}: ${f.message}`)
}
