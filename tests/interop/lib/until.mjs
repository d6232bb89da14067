import { setTimeout as delay } from 'node:timers/promises'

/**
 * Waits until `condition` returns something truthy and returns that.
 * @param {() => any} condition may be asynchronous; what it throws is thrown at once
 * @param {string} what said when the deadline passes
 * @param {number} [ms] a deadline against hanging for ever, not a measurement
 * @param {() => string} [detail] state worth seeing in the failure
 */
export const until = async (condition, what, ms = 20_000, detail = undefined) => {
  const deadline = performance.now() + ms
  for (;;) {
    const value = await condition()
    if (value) return value
    if (performance.now() > deadline) throw new Error(`Waited ${ms} ms in vain for ${what}.${detail ? '\n' + detail() : ''}`)
    await delay(5)
  }
}
