using System.Buffers;
using System.Collections;

namespace CoEdit.Crdt;

/// <summary>A set of ids as ranges of clocks per client; as a <em>delete set</em>, the ids that are deleted.</summary>
/// <remarks>
/// Immutable, hence free to share between threads. Invariant: clients descend, ranges of one client ascend and neither overlap nor touch;
/// so equal sets have equal bytes. Looking for an id is logarithmic in the number of ranges.
/// </remarks>
public sealed class IdSet : IReadOnlyList<ClockRange>, IEquatable<IdSet>
{
    private readonly ClockRange[] _ranges;

    private IdSet(List<ClockRange> ranges)
    {
        DeleteSetCodec.Normalize(ranges);
        _ranges = [.. ranges];
    }

    /// <summary>The set without ids.</summary>
    public static IdSet Empty { get; } = new([]);

    /// <summary>Number of ranges.</summary>
    public int Count => _ranges.Length;

    /// <summary>The ranges: clients descending, clocks ascending.</summary>
    public ClockRange this[int index] => _ranges[index];

    /// <summary>The set of all ids that are in one of the ranges.</summary>
    /// <param name="ranges">Ranges in any order; they may overlap.</param>
    /// <exception cref="ArgumentException">A range ends before it starts or at 2^31 or more, or its client is 2^53 or more.</exception>
    public static IdSet Of(IEnumerable<ClockRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        List<ClockRange> list = [.. ranges];
        foreach (ClockRange range in list)
        {
            if (range.End < range.Start || range.End > int.MaxValue || range.Client > Lib0Reader.MaxSafeInteger)
                throw new ArgumentException($"{range} is not a range of ids.", nameof(ranges));
        }

        return new IdSet(list);
    }

    /// <summary>The set of all ids that are in one of the sets.</summary>
    public static IdSet Union(IEnumerable<IdSet> sets)
    {
        ArgumentNullException.ThrowIfNull(sets);
        return new IdSet([.. sets.SelectMany(set => set._ranges)]);
    }

    /// <summary>Reads a delete set in the v1 form. Bytes behind it are ignored.</summary>
    /// <exception cref="MalformedUpdateException">The bytes are not a delete set.</exception>
    public static IdSet Decode(ReadOnlySpan<byte> encoded)
    {
        Lib0Reader reader = new(encoded);
        return Read(ref reader, UpdateFormat.V1);
    }

    /// <summary>Reads a delete set in the v2 form. Bytes behind it are ignored.</summary>
    /// <exception cref="MalformedUpdateException">The bytes are not a delete set.</exception>
    public static IdSet DecodeV2(ReadOnlySpan<byte> encoded)
    {
        Lib0Reader reader = new(encoded);
        return Read(ref reader, UpdateFormat.V2);
    }

    /// <summary>Tells whether an id is in the set.</summary>
    public bool Contains(Id id)
    {
        // The first range that lies behind the id: of a lower client, or of the same with a higher start.
        int low = 0;
        int high = _ranges.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            ref readonly ClockRange range = ref _ranges[middle];
            if (range.Client < id.Client || (range.Client == id.Client && range.Start > id.Clock))
                high = middle;
            else
                low = middle + 1;
        }

        return low > 0 && _ranges[low - 1].Client == id.Client && id.Clock < _ranges[low - 1].End;
    }

    /// <summary>Writes the set in the v1 form.</summary>
    public void Encode(IBufferWriter<byte> target) => Write(target, UpdateFormat.V1);

    /// <summary>Writes the set in the v2 form.</summary>
    public void EncodeV2(IBufferWriter<byte> target) => Write(target, UpdateFormat.V2);

    /// <inheritdoc/>
    public IEnumerator<ClockRange> GetEnumerator() => ((IEnumerable<ClockRange>)_ranges).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(IdSet? other) => other is not null && _ranges.AsSpan().SequenceEqual(other._ranges);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as IdSet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (ClockRange range in _ranges)
            hash.Add(range);
        return hash.ToHashCode();
    }

    internal static IdSet Read(ref Lib0Reader reader, UpdateFormat format)
    {
        List<ClockRange> ranges = [];
        DeleteSetCodec.Read(ref reader, format, ranges);
        return new IdSet(ranges);
    }

    internal void Write(IBufferWriter<byte> target, UpdateFormat format)
    {
        ArgumentNullException.ThrowIfNull(target);
        ByteBuffer buffer = new();
        DeleteSetCodec.Write(_ranges, format, buffer);
        target.Write(buffer.Written);
    }
}
