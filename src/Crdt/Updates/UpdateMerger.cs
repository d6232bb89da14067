using System.Buffers;
using System.Runtime.InteropServices;

namespace CoEdit.Crdt;

/// <summary>Merges updates without a document, struct by struct, to the same bytes as Yjs.</summary>
/// <remarks>
/// <code>
///   a: [0 1 2][3 4]                     first client, lowest clock first; among equals the update that was read last
///   b:    [1 2 3 4][5 6]      written: [0 1 2] from a, [3 4] from a, [5 6] from b, Skip 7-8, [9] from c
///   c:                   [9]
/// </code>
/// A struct that is covered is dropped, one that is covered in part is cut, a gap becomes a Skip, neighbouring GC structs become one.
/// Nothing else is joined: that takes a document. Each update is read once, and a <see cref="MergeQueue"/> says which one goes on, so that n
/// small updates take time proportional to n log n in whatever order they come.
/// </remarks>
internal sealed class UpdateMerger
{
    private const int MostSections = 100_000;

    private readonly UpdateFormat _format;
    private readonly UpdateReadOptions _options;
    private readonly ReadOnlyMemory<byte>[] _updates;
    private readonly UpdateWriter _writer;
    private readonly List<ClockRange> _deletes = [];

    // A cursor per update (or per section of an update, see OpenSections), and the update each of them reads.
    private UpdateCursor[] _cursors;
    private int[] _sources;

    private MergeQueue _queue;

    // What was written last. Only GC structs are held back, because they may grow.
    private bool _hasWritten;
    private ulong _client;
    private uint _end;
    private bool _isGcHeld;
    private uint _gcStart;

    private UpdateMerger(ReadOnlyMemory<byte>[] updates, UpdateFormat format, UpdateReadOptions options)
    {
        _updates = updates;
        _format = format;
        _options = options;
        _writer = new UpdateWriter(format);
        _cursors = new UpdateCursor[updates.Length];
        _sources = new int[updates.Length];
        _queue = new MergeQueue(updates.Length);
    }

    /// <summary>Merges any number of updates, none included.</summary>
    /// <exception cref="MalformedUpdateException">One of them is not an update; nothing was written.</exception>
    public static void Merge(ReadOnlyMemory<byte>[] updates, UpdateFormat format, UpdateReadOptions options, IBufferWriter<byte> target)
    {
        UpdateMerger merger = new(updates, format, options);
        merger.OpenUpdates();
        merger.WriteStructs();
        if (merger._cursors.All(cursor => cursor.IsRegular))
        {
            merger.ReadDeleteSets();
            merger.Finish(target);
        }
        else
        {
            MergeSections(updates, format, options, target);
        }
    }

    /// <summary>Merges updates whose sections may be in any order and may repeat a client. Other updates come out as <see cref="Merge"/> writes them, more slowly.</summary>
    /// <exception cref="MalformedUpdateException">One of them is not an update; nothing was written.</exception>
    public static void MergeSections(ReadOnlyMemory<byte>[] updates, UpdateFormat format, UpdateReadOptions options, IBufferWriter<byte> target)
    {
        UpdateMerger merger = new(updates, format, options);
        merger.OpenSections();
        merger.WriteStructs();
        merger.Finish(target);
    }

    private void WriteStructs()
    {
        _queue.Start();
        while (!_queue.IsEmpty)
        {
            int top = _queue.Top;
            ulong client = _cursors[top].Current.Client;
            if (!_hasWritten || SkipCovered(top, client))
            {
                Take(top);
                TakeWhileContiguous(top, client);
            }

            if (_cursors[top].HasCurrent)
                _queue.MoveTop(Head(top));
            else
                _queue.RemoveTop();
        }

        FlushGc();
    }

    private void ReadDeleteSets()
    {
        for (int i = 0; i < _cursors.Length; i++)
            _cursors[i].ReadDeleteSet(_updates[i].Span, _deletes);
    }

    private void Finish(IBufferWriter<byte> target)
    {
        DeleteSetCodec.Normalize(_deletes);
        _writer.Finish(CollectionsMarshal.AsSpan(_deletes), target);
    }

    private void OpenUpdates()
    {
        for (int i = 0; i < _updates.Length; i++)
        {
            _cursors[i] = UpdateCursor.Open(_updates[i].Span, _format, _options);
            _sources[i] = i;
            Add(i);
        }
    }

    // Some writer did not sort its sections. Every section gets a cursor of its own then; nothing is lost, whatever the order. A cursor is
    // a hundred times as large as the smallest section, hence the limit.
    private void OpenSections()
    {
        List<UpdateCursor> cursors = [];
        List<int> sources = [];
        for (int i = 0; i < _updates.Length; i++)
        {
            ReadOnlySpan<byte> update = _updates[i].Span;
            UpdateCursor cursor = UpdateCursor.Open(update, _format, _options);
            while (true)
            {
                UpdateCursor section = cursor;
                if (!cursor.MoveNext(update))
                    break;
                if (cursors.Count == MostSections)
                    throw new MalformedUpdateException("An update has too many sections that are not in the order of their clients.");
                section.EndAfterNextSection();
                cursors.Add(section);
                sources.Add(i);
                while (!cursor.IsAtSectionEnd)
                    cursor.MoveNext(update);
            }

            cursor.ReadDeleteSet(update, _deletes);
        }

        _cursors = [.. cursors];
        _sources = [.. sources];
        _queue = new MergeQueue(_cursors.Length);
        for (int i = 0; i < _cursors.Length; i++)
            Add(i);
    }

    // Drops what is written already. False when another cursor may have to go first now.
    private bool SkipCovered(int index, ulong client)
    {
        ref UpdateCursor cursor = ref _cursors[index];
        bool moved = false;
        while (cursor.HasCurrent && cursor.Current.Client == _client && cursor.Current.End <= _end)
        {
            cursor.MoveNextWithoutSkips(Source(index));
            moved = true;
        }

        return cursor.HasCurrent && cursor.Current.Client == client && !(moved && cursor.Current.Clock > _end);
    }

    // Writes the cursor's struct, or its part that is new.
    private void Take(int index)
    {
        ref StructFields fields = ref _cursors[index].Current;
        uint known = 0;
        if (_hasWritten && fields.Client == _client)
        {
            if (fields.Clock > _end)
            {
                FlushGc();
                _writer.WriteFiller(StructKind.Skip, _client, _end, fields.Clock - _end);
                _end = fields.Clock;
            }

            known = _end - fields.Clock;
        }

        if (fields.Kind == StructKind.Gc && _isGcHeld && fields.Client == _client)
        {
            _end = fields.End;
            return;
        }

        Put(index, known);
        _cursors[index].MoveNextWithoutSkips(Source(index));
    }

    private void TakeWhileContiguous(int index, ulong client)
    {
        ref UpdateCursor cursor = ref _cursors[index];
        while (cursor.HasCurrent && cursor.Current.Client == client && cursor.Current.Clock == _end)
        {
            Put(index, 0);
            cursor.MoveNextWithoutSkips(Source(index));
        }
    }

    private void Put(int index, uint known)
    {
        ref StructFields fields = ref _cursors[index].Current;
        FlushGc();
        _hasWritten = true;
        _client = fields.Client;
        _end = fields.End;
        if (fields.Kind == StructKind.Gc)
        {
            _isGcHeld = true;
            _gcStart = fields.Clock + known;
        }
        else
        {
            _writer.Write(Source(index), fields, known, healed: true);
        }
    }

    private void FlushGc()
    {
        if (_isGcHeld)
            _writer.WriteFiller(StructKind.Gc, _client, _gcStart, _end - _gcStart);
        _isGcHeld = false;
    }

    private ReadOnlySpan<byte> Source(int index) => _updates[_sources[index]].Span;

    private void Add(int index)
    {
        if (_cursors[index].MoveNextWithoutSkips(Source(index)))
            _queue.Add(index, Head(index));
    }

    private MergeHead Head(int index)
    {
        ref StructFields fields = ref _cursors[index].Current;
        return new MergeHead(fields.Client, fields.Clock, fields.Kind == StructKind.Gc);
    }
}
