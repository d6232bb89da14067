using System.Runtime.CompilerServices;

namespace CoEdit.Crdt;

/// <summary>Client ids as an update spells them, with their indices: most references name a client that one shortly before named.</summary>
/// <remarks>A direct-mapped table. An entry says of which update it is, so nothing is cleared between updates.</remarks>
internal sealed class ClientWords
{
    private const int Bits = 6;
    private const ulong Spread = 0x9E3779B97F4A7C15;

    private readonly Entry[] _entries = new Entry[1 << Bits];
    private long _update;

    /// <summary>Begins with an update, or a store, whose indices are not known here yet.</summary>
    public void Begin(long update) => _update = update;

    /// <summary>Reads a client id and returns its index in the store, which is made if it is new.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Read(ref Lib0Reader reader, StructStore store)
    {
        if (!reader.TryPeekVarUIntBytes(out ulong word, out int length))
            return store.InternClient(reader.ReadVarUInt());
        ref Entry entry = ref _entries[(word * Spread) >> (64 - Bits)];
        if (entry.Word != word || entry.Update != _update)
            return ReadNew(ref reader, store, word, ref entry);
        reader.Skip(length);
        return entry.Index;
    }

    private int ReadNew(ref Lib0Reader reader, StructStore store, ulong word, ref Entry entry)
    {
        int index = store.InternClient(reader.ReadVarUInt());
        entry = new Entry { Word = word, Update = _update, Index = index };
        return index;
    }

    private struct Entry
    {
        public ulong Word;
        public long Update;
        public int Index;
    }
}
