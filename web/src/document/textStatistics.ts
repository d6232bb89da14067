/** How much text there is. */
export interface TextStatistics {
  readonly words: number;
  /** Characters as people count them, roughly: a surrogate pair is one. Line breaks are not counted. */
  readonly characters: number;
}

/** Counts without ever holding the whole text in one string. A word is what stands between white space. */
export function measureText(pieces: Iterable<string>): TextStatistics {
  let words = 0;
  let characters = 0;
  let inWord = false;
  for (const piece of pieces) {
    for (let i = 0; i < piece.length; i++) {
      const unit = piece.charCodeAt(i);
      const isLowSurrogate = unit >= 0xdc00 && unit <= 0xdfff;
      if (unit !== 0x0a && !isLowSurrogate) characters++;
      const isSpace = unit <= 0x20 || unit === 0xa0 || (unit >= 0x2000 && unit <= 0x200b) || unit === 0x3000;
      if (!isSpace && !inWord) words++;
      inWord = !isSpace;
    }
  }
  return { words, characters };
}
