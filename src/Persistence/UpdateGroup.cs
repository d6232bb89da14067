namespace CoEdit.Persistence;

/// <summary>The updates of one transaction, and how they become rows: one per document, however its updates are mixed with others'.</summary>
/// <remarks>Writer thread only; reused for every group.</remarks>
internal sealed class UpdateGroup
{
    // A row is closed when it would exceed this, so that one busy document doesn't make rows that are costly to read or to check.
    private const int MaxRowBytes = 1024 * 1024;

    private readonly List<WriteItem> _items = [];
    private readonly List<int> _next = [];
    private readonly List<Member> _members = [];
    private readonly List<long> _authors = [];
    private long _stamp;

    /// <summary>Filled by the queue.</summary>
    public List<WriteItem> Items => _items;

    public void Clear()
    {
        _items.Clear();
        _members.Clear();
    }

    /// <summary>Links the updates of each document; once, after the items are in.</summary>
    /// <remarks>
    /// <code>
    /// items     A0  B1  A2  C3  B4        members  A: first 0, last 2
    /// next       2   4   -   -   -                 B: first 1, last 4
    ///                                              C: first 3, last 3
    /// </code>
    /// </remarks>
    public void Arrange()
    {
        _stamp++;
        _next.Clear();
        for (var i = 0; i < _items.Count; i++)
        {
            _next.Add(-1);
            var document = _items[i].Document!;
            if (document.GroupStamp != _stamp)
            {
                document.GroupStamp = _stamp;
                document.GroupIndex = _members.Count;
                _members.Add(new Member(document, i));
            }
            else
            {
                var member = _members[document.GroupIndex];
                _next[member.Last] = i;
                member.Last = i;
            }
        }
    }

    /// <summary>Writes the rows; inside a transaction, and again from the start if that fails.</summary>
    public void Write(WriterConnection connection)
    {
        _authors.Clear();
        foreach (var item in _items)
            _authors.Add(connection.AuthorReference(item.Principal));

        foreach (var member in _members)
        {
            member.Reset();
            for (var first = member.First; first >= 0;)
                first = WriteRow(connection, member, first);
        }
    }

    /// <summary>Tells the documents; after the commit.</summary>
    public void Publish(Action<DocumentLog> notify)
    {
        foreach (var member in _members)
        {
            member.Document.OnCommitted(
                member.Id, member.Epoch, _items[member.Last].Ticket, member.Sequence, member.Rows, member.Bytes);
            notify(member.Document);
        }
    }

    // Writes the updates from the given one on until the row is full; returns the first one of the next row, or -1.
    private int WriteRow(WriterConnection connection, Member member, int first)
    {
        var started = _items[first].Milliseconds;
        var size = 0L;
        var end = first;
        do
        {
            var entry = LogRowFormat.EntrySize(_items[end].Update.Length, _authors[end], Since(end));
            if (end != first && size + entry > MaxRowBytes)
                break;
            size += entry;
            end = _next[end];
        }
        while (end >= 0);

        var row = GC.AllocateUninitializedArray<byte>(checked((int)size));
        var position = 0;
        for (var i = first; i != end; i = _next[i])
            position = LogRowFormat.WriteEntry(row, position, _items[i].Update.Span, _authors[i], Since(i));

        (member.Id, member.Sequence, member.Epoch) = connection.AdvanceHead(member.Document, member.Id, row.Length, started);
        connection.Execute(
            "INSERT INTO log(doc_id, seq, crc, ts, data) VALUES ($1, $2, $3, $4, $5)",
            member.Id, member.Sequence, (long)Crc32C.Compute(row), started, row);
        member.Rows++;
        member.Bytes += row.Length;
        return end;

        // The clock of the machine may have been set back meanwhile.
        long Since(int item) => Math.Max(0, _items[item].Milliseconds - started);
    }

    /// <summary>A document in the group.</summary>
    internal sealed class Member(DocumentLog document, int first)
    {
        public DocumentLog Document { get; } = document;

        public int First { get; } = first;

        public int Last { get; set; } = first;

        public long Id { get; set; }

        public long Epoch { get; set; }

        public long Sequence { get; set; }

        public int Rows { get; set; }

        public long Bytes { get; set; }

        public void Reset()
        {
            Id = Document.DocumentId;
            Rows = 0;
            Bytes = 0;
        }
    }
}
