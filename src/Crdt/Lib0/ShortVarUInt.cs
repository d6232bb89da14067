using System.Runtime.CompilerServices;

namespace CoEdit.Crdt;

/// <summary>Reads <c>u(n)</c> where a short cut looks whether an update is of the simple kind it knows.</summary>
internal static class ShortVarUInt
{
    /// <summary>False at the end of the bytes and for more than seven of them: the thorough reader decides then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> bytes, ref int at, out ulong value)
    {
        if ((uint)at < (uint)bytes.Length && bytes[at] < 0x80)
        {
            value = bytes[at++];
            return true;
        }

        return TryReadLong(bytes, ref at, out value);
    }

    private static bool TryReadLong(ReadOnlySpan<byte> bytes, ref int at, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift <= 42 && at < bytes.Length; shift += 7)
        {
            byte next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return true;
        }

        return false;
    }
}
