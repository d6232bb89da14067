// Small sessions with a sentence each. [replica, path, method, ...arguments]; sync copies a state from one replica to another.
const t = 'text:t'
const a = 'array:a'
const m = 'map:m'
const x = 'xml:x'
const text = (ops, more) => ({ roots: [t], ops, ...more })
const array = (ops, more) => ({ roots: [a], ops, ...more })
const map = (ops, more) => ({ roots: [m], ops, ...more })
const xml = (ops, more) => ({ roots: [x], ops, ...more })
const two = { replicas: 2 }
const three = { replicas: 3 }
const bold = { bold: true }

export const scenarios = {
  // Plain text
  'Typing at the end of one text makes one run of it': text([[1, t, 'insert', 0, 'a'], [1, t, 'insert', 1, 'b'], [1, t, 'insert', 2, 'c']]),
  'Typing backwards makes a run per letter': text([[1, t, 'insert', 0, 'c'], [1, t, 'insert', 0, 'b'], [1, t, 'insert', 0, 'a']]),
  'An empty insertion and a deletion of nothing are no change': text([[1, t, 'insert', 0, ''], [1, t, 'insert', 0, 'ab'], [1, t, 'delete', 1, 0], [1, t, 'insert', 1, '']]),
  'Deleting everything and typing again keeps the old units as deleted': text([[1, t, 'insert', 0, 'old'], [1, t, 'delete', 0, 3], [1, t, 'insert', 0, 'new']]),
  'Deleting across several insertions': text([[1, t, 'insert', 0, 'aaa'], [1, t, 'insert', 0, 'bbb'], [1, t, 'insert', 3, 'ccc'], [1, t, 'delete', 1, 6]]),
  'Deleting twice around the same place joins the deleted runs': text([[1, t, 'insert', 0, 'abcdef'], [1, t, 'delete', 2, 1], [1, t, 'delete', 2, 1], [1, t, 'delete', 1, 1]]),
  'Insertions and a deletion in one transaction are one update': text([[1, 'transact', [[1, t, 'insert', 0, 'abc'], [1, t, 'insert', 1, 'X'], [1, t, 'delete', 0, 2]]]]),
  'What is inserted and deleted in one transaction still takes its clocks': text([[1, 'transact', [[1, t, 'insert', 0, 'abc'], [1, t, 'delete', 0, 3]]]]),
  'Two people type at the same place': text([[1, t, 'insert', 0, '12'], [2, t, 'insert', 0, 'ab'], [1, t, 'insert', 2, '3'], [2, t, 'insert', 2, 'c'], ['all']], two),
  'Three people type inside the same word': text([[1, t, 'insert', 0, 'word'], ['all'], [1, t, 'insert', 2, '1'], [2, t, 'insert', 2, '22'], [3, t, 'insert', 2, '3'], ['all']], three),
  'Concurrent words do not interleave': text([[1, t, 'insert', 0, '-'], ['all'], ...[...'one'].map((c, i) => [1, t, 'insert', 1 + i, c]), ...[...'two'].map((c, i) => [2, t, 'insert', 1 + i, c]), ['all']], two),
  'Concurrent backward typing': text([[1, t, 'insert', 0, '-'], ['all'], ...[...'one'].map((c) => [1, t, 'insert', 0, c]), ...[...'two'].map((c) => [2, t, 'insert', 0, c]), ['all']], two),
  'One deletes what the other types into': text([[1, t, 'insert', 0, 'abcdef'], ['all'], [1, t, 'delete', 1, 4], [2, t, 'insert', 3, 'NEW'], ['all']], two),
  'Overlapping deletions': text([[1, t, 'insert', 0, 'abcdefgh'], ['all'], [1, t, 'delete', 1, 4], [2, t, 'delete', 3, 4], ['all'], [2, t, 'insert', 1, '!'], ['sync', 2, 1]], two),
  'A state that is applied again changes nothing': text([[1, t, 'insert', 0, 'abc'], ['sync', 1, 2], ['sync', 1, 2], [2, t, 'delete', 0, 1], ['sync2', 2, 1], ['sync2', 2, 1]], two),
  'Half of a pair cannot be told from a replacement character': text([[1, t, 'insert', 0, 'a\ud83d\ude00b'], [1, t, 'delete', 2, 1]]),
  'Deleting one half of a pair replaces the other': text([[1, t, 'insert', 0, '\ud83d\ude00'], ['sync', 1, 2], [1, t, 'delete', 0, 1], [2, t, 'insert', 1, '-'], ['all']], two),
  'Whole pairs survive typing around them': text([[1, t, 'insert', 0, '\ud83d\ude00\ud83d\ude80'], [1, t, 'insert', 2, '|'], [1, t, 'delete', 3, 2], ['all']], two),
  'Text beyond the basic plane, of several scripts': text([[1, t, 'insert', 0, 'aé中𝒳\u0000\u2028\ufeff'], [1, t, 'insert', 3, 'ñ'], ['sync2', 1, 2]], two),
  'Lone surrogates become replacement characters on the way': text([[1, t, 'insert', 0, 'x\ud800y'], [1, t, 'insert', 3, '\udc00'], ['sync', 1, 2]], two),
  'Without collection deleted text stays in the document': text([[1, t, 'insert', 0, 'abcdef'], [1, t, 'delete', 1, 3], [1, t, 'insert', 1, 'X'], ['sync', 1, 2], [2, t, 'delete', 0, 2], ['all']], { replicas: 2, gc: false }),

  // Formatted text
  'Bold in the middle': text([[1, t, 'insert', 0, 'abc'], [1, t, 'format', 1, 1, bold]]),
  'Bold taken away again leaves no mark': text([[1, t, 'insert', 0, 'abc'], [1, t, 'format', 0, 3, bold], [1, t, 'format', 0, 3, { bold: null }]]),
  'Formatting what is formatted already is no change': text([[1, t, 'insert', 0, 'abc', bold], [1, t, 'format', 0, 3, bold], [1, t, 'format', 1, 1, bold]]),
  'A format in the middle of another of the same name': text([[1, t, 'insert', 0, 'abcdef', { color: 'red' }], [1, t, 'format', 2, 2, { color: 'blue' }], [1, t, 'format', 3, 2, { color: null }]]),
  'Overlapping formats of different names': text([[1, t, 'insert', 0, 'abcdef'], [1, t, 'format', 0, 4, bold], [1, t, 'format', 2, 4, { em: true }], [1, t, 'format', 1, 4, { bold: null }]]),
  'Text typed behind bold is bold, text with no attributes is not': text([[1, t, 'insert', 0, 'a', bold], [1, t, 'insert', 1, 'b'], [1, t, 'insert', 2, 'c', {}], [1, t, 'insert', 3, 'd']]),
  'Text typed in front of bold is plain': text([[1, t, 'insert', 0, 'a', bold], [1, t, 'insert', 0, 'b']]),
  'Two attributes at once, one of them an object': text([[1, t, 'insert', 0, 'link', { a: { href: 'u', title: 'x' }, bold: true }], [1, t, 'format', 0, 2, { a: { href: 'u', title: 'x' } }], [1, t, 'format', 2, 2, { a: { href: 'v' } }]]),
  'Formatting beyond the end adds line breaks': text([[1, t, 'insert', 0, 'ab'], [1, t, 'format', 1, 4, bold]]),
  'Formatting at the very end is no change': text([[1, t, 'insert', 0, 'ab'], [1, t, 'format', 2, 1, bold]]),
  'Deleting formatted text removes marks that mean nothing any more': text([[1, t, 'insert', 0, 'abc'], [1, t, 'format', 1, 1, bold], [1, t, 'delete', 1, 1]]),
  'Deleting from plain into bold keeps the bold of the rest': text([[1, t, 'insert', 0, 'abcdef'], [1, t, 'format', 2, 4, bold], [1, t, 'delete', 1, 3]]),
  'Deleting a whole formatted text': text([[1, t, 'insert', 0, 'abc', bold], [1, t, 'insert', 3, 'def', { em: true }], [1, t, 'delete', 0, 6], [1, t, 'insert', 0, 'x']]),
  'An embed in the middle takes one unit': text([[1, t, 'insert', 0, 'ab'], [1, t, 'embed', 1, { image: 'i.png', size: [1, 2] }], [1, t, 'insert', 2, 'x'], [1, t, 'delete', 0, 2]]),
  'An embed with attributes between bold letters': text([[1, t, 'insert', 0, 'ab', bold], [1, t, 'embed', 1, { hr: true }, { width: '5' }], [1, t, 'format', 0, 3, { bold: null }]]),
  'A shared type inside a text': text([[1, t, 'insert', 0, 'ab'], [1, t, 'embed', 1, { $: 'map', v: { k: 1 } }], ['sync', 1, 2], [2, t, 'delete', 1, 1], ['all']], two),
  'Concurrent formats of one name: both ends agree': text([[1, t, 'insert', 0, 'abcdef'], ['all'], [1, t, 'format', 0, 4, { color: 'red' }], [2, t, 'format', 2, 4, { color: 'blue' }], ['all']], two),
  'Concurrent bold over the same range leaves one pair of marks': text([[1, t, 'insert', 0, 'abcd'], ['all'], [1, t, 'format', 1, 2, bold], [2, t, 'format', 1, 2, bold], ['all']], two),
  'Typing at the edge while another formats': text([[1, t, 'insert', 0, 'abcd'], ['all'], [1, t, 'format', 1, 2, bold], [2, t, 'insert', 3, 'X'], [2, t, 'insert', 1, 'Y'], ['all']], two),
  'Formatting what another deletes is cleaned up': text([[1, t, 'insert', 0, 'abcd'], ['all'], [1, t, 'format', 1, 2, bold], [2, t, 'delete', 1, 2], ['all'], ['all']], two),
  'Unbold by one and delete by another': text([[1, t, 'insert', 0, 'abcd', bold], ['all'], [1, t, 'format', 1, 2, { bold: null }], [2, t, 'delete', 0, 3], ['all'], ['all']], two),
  'Without collection formats stay as deleted marks': text([[1, t, 'insert', 0, 'abc'], [1, t, 'format', 0, 2, bold], [1, t, 'format', 0, 3, { bold: null }]], { gc: false }),
  'Attributes of a text itself': text([[1, t, 'insert', 0, 'p'], [1, t, 'setAttribute', 'align', 'left'], [1, t, 'setAttribute', 'align', 'right'], [1, t, 'setAttribute', 'n', { deep: [1] }], [1, t, 'removeAttribute', 'n'], [1, t, 'removeAttribute', 'none']]),
  'Format values of every kind': text([[1, t, 'insert', 0, 'v', { a: 1.5, b: 'x"\\\n', c: false, d: [1, [2]], e: {}, f: '\ud83d\ude00\u2028', g: 1e21, h: -0.000001 }]]),

  // Deltas
  'A delta of insertions, formats and embeds': text([[1, t, 'delta', [{ insert: 'Gandalf', attributes: bold }, { insert: ' the ' }, { insert: 'Grey', attributes: { color: '#ccc' } }, { insert: { image: 'x' }, attributes: { w: 1 } }, { insert: '\n' }]]]),
  'A delta that keeps, formats and deletes': text([[1, t, 'insert', 0, 'Gandalf the Grey'], [1, t, 'delta', [{ retain: 12 }, { insert: 'White', attributes: { color: '#fff' } }, { delete: 4 }]], [1, t, 'delta', [{ retain: 7, attributes: bold }, { retain: 5 }, { retain: 2, attributes: { color: null } }]]]),
  'A delta that retains beyond the end adds line breaks': text([[1, t, 'insert', 0, 'ab'], [1, t, 'delta', [{ retain: 4, attributes: bold }, { insert: 'c' }]]]),
  'A delta whose last line break is dropped': text([[1, t, 'delta', [{ insert: 'line\n' }], false]]),
  'A delta whose last line break is kept': text([[1, t, 'delta', [{ insert: 'line\n' }], true]]),
  'A delta that deletes at the start of formatted text': text([[1, t, 'delta', [{ insert: 'abc', attributes: bold }, { insert: 'def' }]], [1, t, 'delta', [{ delete: 4 }]]]),
  'A delta of nothing is no change': text([[1, t, 'insert', 0, 'ab'], [1, t, 'delta', []], [1, t, 'delta', [{ retain: 2 }]]]),
  'A delta that replaces a formatted word': text([[1, t, 'delta', [{ insert: 'a ' }, { insert: 'bold', attributes: bold }, { insert: ' word' }]], [1, t, 'delta', [{ retain: 2 }, { delete: 4 }, { insert: 'red', attributes: { color: 'red' } }]]]),

  // Arrays
  'Every kind of value in an array': array([[1, a, 'insert', 0, [1, -1, 0, 2147483647, -2147483648, 4294967296, 0.5, 0.1, 'é', '', true, false, null, [], {}, [1, [2, { k: null }]], { b: 1, 2: 'two', 1: 'one' }, { $: 'bytes', v: [0, 255] }, { $: 'bytes', v: [] }]], ['sync2', 1, 2]], two),
  'Numbers that are not numbers': array([[1, a, 'insert', 0, [{ $: 'number', v: 'NaN' }, { $: 'number', v: 'Infinity' }, { $: 'number', v: '-Infinity' }, { $: 'number', v: '-0' }]], ['sync', 1, 2]], two),
  'Undefined and big integers are refused by lists and change nothing': array([[1, a, 'push', [1]], ['throws', [1, a, 'insert', 0, [{ $: 'undefined' }]]], ['throws', [1, a, 'push', [{ $: 'bigint', v: '5' }]]]]),
  'Pushing one by one makes one run': array([[1, a, 'push', [1]], [1, a, 'push', [2]], [1, a, 'push', ['x', 3]]]),
  'Inserting in front and in the middle': array([[1, a, 'insert', 0, [1, 2]], [1, a, 'insert', 0, [0]], [1, a, 'insert', 2, [1.5]], [1, a, 'insert', 4, [9]]]),
  'Values and types mixed in one insertion': array([[1, a, 'insert', 0, [1, { $: 'map', v: { a: 1 } }, 2, 3, { $: 'bytes', v: [1] }, { $: 'array', v: [{ $: 'text', v: 'deep' }] }, 4]], [1, a, 'insert', 3, ['split']]]),
  'Deleting a range with types in it collects what they held': array([[1, a, 'insert', 0, [1, { $: 'array', v: [1, 2, { $: 'map', v: { x: { $: 'text', v: 'y' } } }] }, 2]], [1, a, 'delete', 0, 2]]),
  'Inserting nothing is no change': array([[1, a, 'insert', 0, []], [1, a, 'push', []], [1, a, 'push', [1]], [1, a, 'delete', 0, 0]]),
  'Indices outside of an array are refused': array([[1, a, 'push', [1, 2]], ['throws', [1, a, 'insert', 3, [9]]], ['throws', [1, a, 'insert', 4, [9]]]]),
  'Concurrent insertions into an array': array([[1, a, 'insert', 0, ['x', 'y']], ['all'], [1, a, 'insert', 1, [1, 2]], [2, a, 'insert', 1, ['a']], [3, a, 'delete', 0, 1], ['all']], three),
  'Concurrent pushes and a deletion of everything': array([[1, a, 'push', [1, 2, 3]], ['all'], [1, a, 'push', [4]], [2, a, 'delete', 0, 3], [3, a, 'insert', 2, [{ $: 'map', v: {} }]], ['all']], three),
  'One deletes an array that the other fills': array([[1, a, 'push', [{ $: 'array', v: [1] }]], ['all'], [1, a, 'delete', 0, 1], [2, `${a}/0`, 'push', [2, { $: 'text', v: 'lost' }]], ['all']], two),
  'The same without collection': array([[1, a, 'push', [{ $: 'array', v: [1] }]], ['all'], [1, a, 'delete', 0, 1], [2, `${a}/0`, 'push', [2, { $: 'text', v: 'lost' }]], ['all']], { replicas: 2, gc: false }),
  'Arrays in arrays are edited in place': array([[1, a, 'push', [{ $: 'array', v: [] }]], [1, `${a}/0`, 'push', [{ $: 'array', v: ['in'] }]], ['all'], [2, `${a}/0/0`, 'insert', 0, ['first']], [1, `${a}/0/0`, 'push', ['last']], ['all']], two),

  // Maps
  'Setting, replacing and deleting a key': map([[1, m, 'set', 'k', 1], [1, m, 'set', 'k', 2], [1, m, 'delete', 'k'], [1, m, 'set', 'k', 3], [1, m, 'delete', 'none']]),
  'Every kind of value in a map': map([[1, m, 'set', 'n', null], [1, m, 'set', 's', 'x'], [1, m, 'set', 'b', { $: 'bytes', v: [7] }], [1, m, 'set', 'o', { z: [1], 1: {} }], [1, m, 'set', 'd', 1.25], [1, m, 'set', '', true], ['sync2', 1, 2]], two),
  'Undefined and big integers in a map': { roots: [m], ops: [[1, m, 'set', 'u', { $: 'undefined' }], [1, m, 'set', 'i', { $: 'bigint', v: '-9223372036854775808' }]], replicas: 1 },
  'Keys keep the order of their first appearance': map([[1, m, 'set', 'z', 1], [1, m, 'set', 'a', 2], [1, m, 'set', 'z', 3], [1, m, 'delete', 'a'], [1, m, 'set', 'b', 4], [1, m, 'set', 'a', 5]]),
  'Many values of one key in one transaction': map([[1, 'transact', [[1, m, 'set', 'k', 1], [1, m, 'set', 'k', 2], [1, m, 'set', 'k', 3]]], [1, 'transact', [[1, m, 'set', 'k', 4], [1, m, 'delete', 'k']]]]),
  'Of concurrent values the one of the highest client stays': map([[1, m, 'set', 'k', 'one'], [2, m, 'set', 'k', 'two'], [3, m, 'set', 'k', 'three'], ['all'], [1, m, 'set', 'k', 'later'], ['all']], three),
  'Setting against deleting': map([[1, m, 'set', 'k', 0], ['all'], [1, m, 'set', 'k', 1], [2, m, 'delete', 'k'], ['all']], two),
  'Setting twice against setting once': map([[1, m, 'set', 'k', 0], ['all'], [1, m, 'set', 'k', 1], [1, m, 'set', 'k', 2], [2, m, 'set', 'k', 'b'], ['all']], two),
  'A replaced type loses what the other put into it': map([[1, m, 'set', 'k', { $: 'map', v: { a: 1 } }], ['all'], [1, m, 'set', 'k', { $: 'map', v: { b: 2 } }], [2, `${m}/k`, 'set', 'c', 3], ['all'], [2, `${m}/k`, 'set', 'd', 4], ['all']], two),
  'Maps in maps in arrays': map([[1, m, 'set', 'list', { $: 'array', v: [{ $: 'map', v: { n: { $: 'map', v: {} } } }] }], ['all'], [2, `${m}/list/0/n`, 'set', 'deep', true], [1, `${m}/list/0`, 'set', 'n2', { $: 'text', v: 'x' }], ['all'], [2, `${m}/list/0/n2`, 'insert', 1, 'y'], ['all']], two),
  'A key that looks like a number and a very long one': map([[1, m, 'set', '10', 1], [1, m, 'set', '9', 2], [1, m, 'set', 'k'.repeat(300), 3], ['sync', 1, 2], [2, m, 'set', 'k'.repeat(300), 4], ['all']], two),

  // XML
  'Nested elements with attributes': xml([[1, x, 'insert', 0, [{ $: 'element', name: 'Div', attributes: { z: '1', A: 'x', a: 'y' }, children: [{ $: 'element', name: 'P', children: [{ $: 'xmltext', v: 'hi & <bye>' }] }, { $: 'element', name: 'br' }] }]]]),
  'Attributes are set, replaced and removed': xml([[1, x, 'insert', 0, [{ $: 'element', name: 'p' }]], [1, `${x}/0`, 'setAttribute', 'k', 'v'], [1, `${x}/0`, 'setAttribute', 'k', 'w'], [1, `${x}/0`, 'setAttribute', 'n', 5], [1, `${x}/0`, 'setAttribute', 'b', true], [1, `${x}/0`, 'removeAttribute', 'b'], [1, `${x}/0`, 'removeAttribute', 'none']]),
  'Formatted XML text shows tags': xml([[1, x, 'insert', 0, [{ $: 'xmltext', v: 'abc' }]], [1, `${x}/0`, 'format', 1, 1, { b: { class: 'x' }, i: {} }], [1, `${x}/0`, 'embed', 0, { an: 'embed' }]]),
  'Children are inserted between, pushed and deleted': xml([[1, x, 'push', [{ $: 'element', name: 'a' }, { $: 'element', name: 'c' }]], [1, x, 'insert', 1, [{ $: 'element', name: 'b', children: [{ $: 'xmltext', v: 't' }] }, { $: 'hook', name: 'h' }]], [1, x, 'delete', 0, 1], [1, x, 'delete', 0, 1]]),
  'Concurrent edits of one element': xml([[1, x, 'push', [{ $: 'element', name: 'p', children: [{ $: 'xmltext', v: 'ab' }] }]], ['all'], [1, `${x}/0`, 'setAttribute', 'class', 'one'], [2, `${x}/0`, 'setAttribute', 'class', 'two'], [1, `${x}/0/0`, 'insert', 1, '1'], [2, `${x}/0/0`, 'insert', 1, '2'], [2, `${x}/0`, 'push', [{ $: 'element', name: 'br' }]], ['all']], two),
  'One deletes the element that the other edits': xml([[1, x, 'push', [{ $: 'element', name: 'p', children: [{ $: 'xmltext', v: 'ab' }] }]], ['all'], [1, x, 'delete', 0, 1], [2, `${x}/0/0`, 'insert', 1, 'lost'], [2, `${x}/0`, 'setAttribute', 'k', 'lost'], ['all']], two),
  'Concurrent formats in XML text are cleaned up': xml([[1, x, 'push', [{ $: 'xmltext', v: 'abcd' }]], ['all'], [1, `${x}/0`, 'format', 0, 3, { b: {} }], [2, `${x}/0`, 'format', 1, 3, { b: {} }], ['all'], ['all']], two),

  // Several roots
  'Several roots in one document': { roots: [t, a, m, x], replicas: 2, ops: [[1, t, 'insert', 0, 'x'], [2, a, 'push', [1]], [1, m, 'set', 'k', 1], [2, x, 'push', [{ $: 'xmltext', v: 't' }]], ['all'], [1, 'transact', [[1, t, 'delete', 0, 1], [1, a, 'delete', 0, 1], [1, m, 'delete', 'k'], [1, x, 'delete', 0, 1]]], ['all']] },
  'A large session of one author in v2': text([...Array.from({ length: 40 }, (_, i) => [1, t, 'insert', (i * 7) % (i + 1), String.fromCharCode(97 + i % 26)]), ...Array.from({ length: 10 }, (_, i) => [1, t, 'delete', (i * 5) % 25, 1]), ['sync2', 1, 2]], two),
  'A subdocument is stored by its guid and options': map([[1, m, 'set', 'd', { $: 'doc', guid: 'sub', options: { autoLoad: true, meta: { t: 1 } } }], ['sync', 1, 2], [1, m, 'set', 'd', { $: 'doc', guid: 'other', options: { gc: false } }], ['sync2', 1, 2]], two)
}
