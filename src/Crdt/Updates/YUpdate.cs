using System.Buffers;
using System.Runtime.InteropServices;

namespace CoEdit.Crdt;

/// <summary>Works on updates as bytes, without a document: merges, cuts, converts and inspects them.</summary>
/// <remarks>
/// Every function validates its whole input and gives the bytes that Yjs 13.6 gives for it. Sections that are out of order or repeat a
/// client, where Yjs loses structs, are put in order first. Nesting costs no stack. Functions are pure and may be called from any thread;
/// overloads with an <see cref="IBufferWriter{T}"/> write nothing to it when they throw.
/// </remarks>
public static partial class YUpdate
{
    /// <summary>Merges updates v1 into one that says the same. Structs are not compacted, which takes a document.</summary>
    /// <param name="updates">Updates in any order, overlapping or not. A single one is returned byte by byte; none give the empty update.</param>
    /// <returns>The merged update. Gaps in a client's clocks are Skips in it.</returns>
    /// <exception cref="MalformedUpdateException">One of them is not an update v1.</exception>
    public static byte[] MergeUpdates(IReadOnlyList<ReadOnlyMemory<byte>> updates) => Merge(updates, UpdateFormat.V1, null);

    /// <summary>Merges updates v1 and writes the result to <paramref name="target"/>.</summary>
    /// <inheritdoc cref="MergeUpdates(IReadOnlyList{ReadOnlyMemory{byte}})"/>
    public static void MergeUpdates(IReadOnlyList<ReadOnlyMemory<byte>> updates, IBufferWriter<byte> target) =>
        Merge(updates, UpdateFormat.V1, null, target);

    /// <summary>Merges updates v2 into one that says the same. Structs are not compacted, which takes a document.</summary>
    /// <param name="updates">Updates in any order, overlapping or not. A single one is returned byte by byte; none give the empty update.</param>
    /// <param name="options">Limits for each of them.</param>
    /// <returns>The merged update. Gaps in a client's clocks are Skips in it.</returns>
    /// <exception cref="MalformedUpdateException">One of them is not an update v2, or breaks a limit.</exception>
    public static byte[] MergeUpdatesV2(IReadOnlyList<ReadOnlyMemory<byte>> updates, UpdateReadOptions? options = null) =>
        Merge(updates, UpdateFormat.V2, options);

    /// <summary>Merges updates v2 and writes the result to <paramref name="target"/>.</summary>
    /// <inheritdoc cref="MergeUpdatesV2(IReadOnlyList{ReadOnlyMemory{byte}}, UpdateReadOptions?)"/>
    public static void MergeUpdatesV2(
        IReadOnlyList<ReadOnlyMemory<byte>> updates, IBufferWriter<byte> target, UpdateReadOptions? options = null) =>
        Merge(updates, UpdateFormat.V2, options, target);

    /// <summary>Takes out of an update v1 what a replica with a state vector knows. The delete set stays whole.</summary>
    /// <param name="update">An update v1.</param>
    /// <param name="stateVector">An encoded state vector.</param>
    /// <exception cref="MalformedUpdateException">The update or the state vector is malformed.</exception>
    public static byte[] DiffUpdate(ReadOnlySpan<byte> update, ReadOnlySpan<byte> stateVector) =>
        ToArray(Diff(update, StateVector.Decode(stateVector), UpdateFormat.V1, null));

    /// <summary>Takes out of an update v1 what a replica with a state vector knows, and writes the rest to <paramref name="target"/>.</summary>
    /// <exception cref="MalformedUpdateException">The update is malformed.</exception>
    public static void DiffUpdate(ReadOnlySpan<byte> update, StateVector stateVector, IBufferWriter<byte> target) =>
        CopyTo(Diff(update, stateVector, UpdateFormat.V1, null), target);

    /// <summary>Takes out of an update v2 what a replica with a state vector knows. The delete set stays whole.</summary>
    /// <param name="update">An update v2.</param>
    /// <param name="stateVector">An encoded state vector.</param>
    /// <param name="options">Limits.</param>
    /// <exception cref="MalformedUpdateException">The update or the state vector is malformed, or the update breaks a limit.</exception>
    public static byte[] DiffUpdateV2(ReadOnlySpan<byte> update, ReadOnlySpan<byte> stateVector, UpdateReadOptions? options = null) =>
        ToArray(Diff(update, StateVector.Decode(stateVector), UpdateFormat.V2, options));

    /// <summary>Takes out of an update v2 what a replica with a state vector knows, and writes the rest to <paramref name="target"/>.</summary>
    /// <exception cref="MalformedUpdateException">The update is malformed or breaks a limit.</exception>
    public static void DiffUpdateV2(
        ReadOnlySpan<byte> update, StateVector stateVector, IBufferWriter<byte> target, UpdateReadOptions? options = null) =>
        CopyTo(Diff(update, stateVector, UpdateFormat.V2, options), target);

    /// <summary>Writes an update v1 as v2.</summary>
    /// <exception cref="MalformedUpdateException">It is not an update v1.</exception>
    public static byte[] ConvertV1ToV2(ReadOnlySpan<byte> update) => ToArray(Convert(update, UpdateFormat.V1, null));

    /// <summary>Writes an update v1 as v2 to <paramref name="target"/>.</summary>
    /// <inheritdoc cref="ConvertV1ToV2(ReadOnlySpan{byte})"/>
    public static void ConvertV1ToV2(ReadOnlySpan<byte> update, IBufferWriter<byte> target) =>
        CopyTo(Convert(update, UpdateFormat.V1, null), target);

    /// <summary>
    /// Writes an update v2 as v1, where values of embeds and formats are JSON text: binary, NaN and nested undefined values change.
    /// </summary>
    /// <exception cref="MalformedUpdateException">
    /// It is not an update v2, it breaks a limit, or an embed or format holds what JSON cannot carry at all (bigint, bare undefined).
    /// </exception>
    public static byte[] ConvertV2ToV1(ReadOnlySpan<byte> update, UpdateReadOptions? options = null) =>
        ToArray(Convert(update, UpdateFormat.V2, options));

    /// <summary>Writes an update v2 as v1 to <paramref name="target"/>.</summary>
    /// <inheritdoc cref="ConvertV2ToV1(ReadOnlySpan{byte}, UpdateReadOptions?)"/>
    public static void ConvertV2ToV1(ReadOnlySpan<byte> update, IBufferWriter<byte> target, UpdateReadOptions? options = null) =>
        CopyTo(Convert(update, UpdateFormat.V2, options), target);

    private static byte[] Merge(IReadOnlyList<ReadOnlyMemory<byte>> updates, UpdateFormat format, UpdateReadOptions? options)
    {
        ByteBuffer target = new();
        Merge(updates, format, options, target);
        return target.Written.ToArray();
    }

    private static void Merge(
        IReadOnlyList<ReadOnlyMemory<byte>> updates, UpdateFormat format, UpdateReadOptions? options, IBufferWriter<byte> target)
    {
        ArgumentNullException.ThrowIfNull(updates);
        ArgumentNullException.ThrowIfNull(target);
        options ??= UpdateReadOptions.Default;
        if (updates.Count == 1)
        {
            ReadOnlySpan<byte> update = updates[0].Span;
            Validate(update, format, options);
            target.Write(update);
            return;
        }

        UpdateMerger.Merge([.. updates], format, options, target);
    }

    private static void Validate(ReadOnlySpan<byte> update, UpdateFormat format, UpdateReadOptions options)
    {
        UpdateCursor cursor = UpdateCursor.Open(update, format, options);
        while (cursor.MoveNext(update))
        {
        }

        cursor.ReadDeleteSet(update, []);
    }

    private static ByteBuffer Diff(ReadOnlySpan<byte> update, StateVector stateVector, UpdateFormat format, UpdateReadOptions? options)
    {
        ArgumentNullException.ThrowIfNull(stateVector);
        return Rewrite(update, format, format, options, (ReadOnlySpan<byte> source, ref UpdateCursor cursor, UpdateWriter writer) =>
        {
            bool more = cursor.MoveNext(source);
            while (more)
            {
                // What a section begins with is looked at one by one: a leading Skip is left out, and so is what is known.
                ulong client = cursor.Current.Client;
                uint known = stateVector[client];
                if (cursor.Current.Kind == StructKind.Skip || cursor.Current.End <= known)
                {
                    more = cursor.MoveNext(source);
                    continue;
                }

                writer.Write(source, cursor.Current, known > cursor.Current.Clock ? known - cursor.Current.Clock : 0, healed: false);
                while ((more = cursor.MoveNext(source)) && cursor.Current.Client == client)
                    writer.Write(source, cursor.Current, 0, healed: false);
            }
        });
    }

    private static ByteBuffer Convert(ReadOnlySpan<byte> update, UpdateFormat from, UpdateReadOptions? options) =>
        Rewrite(update, from, from == UpdateFormat.V1 ? UpdateFormat.V2 : UpdateFormat.V1, options, static (source, ref cursor, writer) =>
        {
            while (cursor.MoveNext(source))
                writer.Write(source, cursor.Current, 0, healed: false);
        });

    /// <summary>Reads all structs of an update and writes those that the result shall have.</summary>
    private delegate void StructPass(ReadOnlySpan<byte> update, ref UpdateCursor cursor, UpdateWriter writer);

    private static ByteBuffer Rewrite(
        ReadOnlySpan<byte> update, UpdateFormat from, UpdateFormat to, UpdateReadOptions? options, StructPass pass)
    {
        options ??= UpdateReadOptions.Default;
        UpdateWriter writer = new(to);
        UpdateCursor cursor = UpdateCursor.Open(update, from, options);
        pass(update, ref cursor, writer);
        if (!cursor.IsRegular)
            return Rewrite(Sort(update, from, options), from, to, options, pass);
        List<ClockRange> deletes = [];
        cursor.ReadDeleteSet(update, deletes);
        DeleteSetCodec.Group(deletes);
        if (to == UpdateFormat.V2 && !DeleteSetCodec.IsAscending(deletes))
            DeleteSetCodec.Normalize(deletes);
        ByteBuffer target = new();
        writer.Finish(CollectionsMarshal.AsSpan(deletes), target);
        return target;
    }

    // The same update with one section per client, in order.
    private static ReadOnlySpan<byte> Sort(ReadOnlySpan<byte> update, UpdateFormat format, UpdateReadOptions options)
    {
        ByteBuffer sorted = new();
        UpdateMerger.MergeSections([update.ToArray()], format, options, sorted);
        return sorted.Written;
    }

    private static byte[] ToArray(ByteBuffer buffer) => buffer.Written.ToArray();

    private static void CopyTo(ByteBuffer buffer, IBufferWriter<byte> target)
    {
        ArgumentNullException.ThrowIfNull(target);
        target.Write(buffer.Written);
    }
}
