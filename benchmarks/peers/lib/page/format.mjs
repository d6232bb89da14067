// Numbers and tables of the page of results.

export const digits = x => Math.abs(x) >= 100 ? x.toFixed(0) : Math.abs(x) >= 10 ? x.toFixed(1) : Math.abs(x) >= 1 ? x.toFixed(2) : x.toFixed(3)
export const whole = x => Math.round(x).toLocaleString('en-US')

const row = cells => `| ${cells.join(' | ')} |`

/** left: how many columns hold text */
export function table (head, rows, left = 1) {
  return [row(head), `|${head.map((_, i) => i < left ? ' :- ' : ' -: ').join('|')}|`, ...rows.map(row)].join('\n')
}

export const expectationTable = rows => table(['expectation', 'measured', ''], rows, 3)
export const verdict = met => met ? 'met' : '**not met**'
