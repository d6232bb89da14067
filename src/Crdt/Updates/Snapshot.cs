using System.Buffers;

namespace CoEdit.Crdt;

/// <summary>A mark in the history of a document: what was known and what was deleted then.</summary>
/// <remarks>It holds no content; showing it takes the document, with garbage collection off.</remarks>
public sealed class Snapshot : IEquatable<Snapshot>
{
    private readonly StateVector _stateVector;

    /// <summary>Creates a snapshot from a copy of <paramref name="stateVector"/> and a delete set.</summary>
    public Snapshot(StateVector stateVector, IdSet deleteSet)
    {
        ArgumentNullException.ThrowIfNull(stateVector);
        ArgumentNullException.ThrowIfNull(deleteSet);
        _stateVector = stateVector.Clone();
        DeleteSet = deleteSet;
    }

    /// <summary>The snapshot of an empty document.</summary>
    public static Snapshot Empty { get; } = new(new StateVector(), IdSet.Empty);

    /// <summary>A copy of the state vector.</summary>
    public StateVector StateVector => _stateVector.Clone();

    /// <summary>What was deleted.</summary>
    public IdSet DeleteSet { get; }

    /// <summary>Reads a snapshot in the v1 form, the usual one. Bytes behind it are ignored.</summary>
    /// <exception cref="MalformedUpdateException">The bytes are not a snapshot.</exception>
    public static Snapshot Decode(ReadOnlySpan<byte> encoded) => Decode(encoded, UpdateFormat.V1);

    /// <summary>Reads a snapshot in the v2 form. Bytes behind it are ignored.</summary>
    /// <exception cref="MalformedUpdateException">The bytes are not a snapshot.</exception>
    public static Snapshot DecodeV2(ReadOnlySpan<byte> encoded) => Decode(encoded, UpdateFormat.V2);

    /// <summary>Tells whether the snapshot shows a unit: it was known and not deleted.</summary>
    public bool Shows(Id id) => id.Clock < _stateVector[id.Client] && !DeleteSet.Contains(id);

    /// <summary>Tells whether a unit was known, deleted or not.</summary>
    public bool Knows(Id id) => id.Clock < _stateVector[id.Client];

    /// <summary>Tells whether an update v1 says nothing that was not known and deleted by then.</summary>
    /// <exception cref="MalformedUpdateException">It is not an update v1.</exception>
    public bool ContainsUpdate(ReadOnlySpan<byte> update) => Contains(update, UpdateFormat.V1, UpdateReadOptions.Default);

    /// <summary>Tells whether an update v2 says nothing that was not known and deleted by then.</summary>
    /// <exception cref="MalformedUpdateException">It is not an update v2, or it breaks a limit.</exception>
    public bool ContainsUpdateV2(ReadOnlySpan<byte> update, UpdateReadOptions? options = null) =>
        Contains(update, UpdateFormat.V2, options ?? UpdateReadOptions.Default);

    /// <summary>The v1 form.</summary>
    public byte[] Encode() => Encode(UpdateFormat.V1);

    /// <summary>The v2 form.</summary>
    public byte[] EncodeV2() => Encode(UpdateFormat.V2);

    /// <inheritdoc/>
    public bool Equals(Snapshot? other) =>
        other is not null
        && DeleteSet.Equals(other.DeleteSet)
        && _stateVector.Count == other._stateVector.Count
        && _stateVector.All(entry => other._stateVector[entry.Key] == entry.Value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Snapshot);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(DeleteSet, _stateVector.Count);

    private bool Contains(ReadOnlySpan<byte> update, UpdateFormat format, UpdateReadOptions options)
    {
        bool known = true;
        UpdateCursor cursor = UpdateCursor.Open(update, format, options);
        while (cursor.MoveNext(update))
            known &= cursor.Current.End <= _stateVector[cursor.Current.Client];
        List<ClockRange> deletes = [];
        cursor.ReadDeleteSet(update, deletes);
        return known && IdSet.Union([DeleteSet, IdSet.Of(deletes)]).Equals(DeleteSet);
    }

    private static Snapshot Decode(ReadOnlySpan<byte> encoded, UpdateFormat format)
    {
        Lib0Reader reader = new(encoded);
        IdSet deleteSet = IdSet.Read(ref reader, format);
        return new Snapshot(StateVector.Decode(encoded[reader.Position..]), deleteSet);
    }

    private byte[] Encode(UpdateFormat format)
    {
        ByteBuffer target = new();
        DeleteSet.Write(target, format);
        _stateVector.Encode(target);
        return target.Written.ToArray();
    }
}
