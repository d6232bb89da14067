// Numbers and tables of the page of results.

/** Three digits, of which at least one is before the point of numbers above 1. */
export const digits = x => x.toFixed([1, 10, 100].reduce((decimals, limit) => Math.abs(x) >= limit ? decimals - 1 : decimals, 3))
export const whole = x => Math.round(x).toLocaleString('en-US')

const row = cells => `| ${cells.join(' | ')} |`

/** left: how many columns hold text */
export function table (head, rows, left = 1) {
  return [row(head), `|${head.map((_, i) => i < left ? ' :- ' : ' -: ').join('|')}|`, ...rows.map(row)].join('\n')
}

export const expectationTable = rows => table(['expectation', 'measured', ''], rows, 3)
export const verdict = met => met ? 'met' : '**not met**'
