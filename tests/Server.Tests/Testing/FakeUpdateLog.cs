using CoEdit.Persistence;

namespace CoEdit.Server.Tests;

/// <summary>A log in memory whose commits happen when the test says so (or at once), with the contract of the real one.</summary>
internal sealed class FakeUpdateLog(bool autoCommit = true) : IUpdateLog
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Stored> _documents = new(StringComparer.Ordinal);
    private readonly List<(DocumentLog Log, byte[] Update, long Ticket)> _queue = [];

    private int _foldsBegun;

    public bool IsAccepting { get; set; } = true;

    /// <summary>When set, loads of this name fail.</summary>
    public string? FailLoadOf { get; set; }

    public Exception? FailDelete { get; set; }

    /// <summary>When set, loads wait for it.</summary>
    public Task LoadGate { get; set; } = Task.CompletedTask;

    /// <summary>When set, folds wait for it.</summary>
    public Task FoldGate { get; set; } = Task.CompletedTask;

    public int FoldsBegun => Volatile.Read(ref _foldsBegun);

    /// <summary>Under whose name the last update was appended.</summary>
    public string? LastPrincipal { get; private set; }

    public int Loads { get; private set; }

    /// <summary>Why commits fail; null while they succeed.</summary>
    public string? Error { get; set; }

    public TimeSpan? OldestUncommitted { get; set; }

    public StorageStatus Status => new(Error is null, Error, 0, _queue.Count, OldestUncommitted, "3", "memory");

    public async Task<LoadedDocument> LoadAsync(string name, CancellationToken ct)
    {
        await LoadGate;
        lock (_gate)
        {
            Loads++;
            if (name == FailLoadOf)
                throw new CorruptDocumentException(name, 7, "a checksum does not match");
            Stored stored = Get(name);
            if (_queue.Any(entry => entry.Log.Name == name))
                throw new InvalidOperationException($"\"{name}\" is loaded while a former room of it has uncommitted updates.");
            var log = new DocumentLog(name, 1, stored.Epoch, stored.Tombstone, 0, 0, 0, 0);
            return new LoadedDocument(log, [.. stored.Updates.Select(update => new ReadOnlyMemory<byte>(update))], null, null);
        }
    }

    public long Append(DocumentLog document, ReadOnlyMemory<byte> update, string? principal)
    {
        long ticket;
        lock (_gate)
        {
            ticket = ++document.EnqueuedTicket;
            LastPrincipal = principal;
            _queue.Add((document, update.ToArray(), ticket));
        }

        if (autoCommit)
            Commit();
        return ticket;
    }

    /// <summary>Commits everything that is queued.</summary>
    public void Commit()
    {
        List<(DocumentLog Log, byte[] Update, long Ticket)> group;
        lock (_gate)
        {
            group = [.. _queue];
            _queue.Clear();
            foreach ((DocumentLog log, byte[] update, _) in group)
                Get(log.Name).Updates.Add(update);
        }

        foreach ((DocumentLog log, byte[] update, long ticket) in group)
        {
            log.OnCommitted(1, log.Epoch, ticket, log.CommittedSequence + 1, 1, update.Length);
            log.Committed?.Invoke(log);
        }
    }

    public async Task<bool> FoldAsync(DocumentLog document, ReadOnlyMemory<byte> state, long throughSequence, CancellationToken ct)
    {
        Interlocked.Increment(ref _foldsBegun);
        await FoldGate.WaitAsync(ct);
        lock (_gate)
        {
            Stored stored = Get(document.Name);
            stored.Updates.Insert(0, state.ToArray());
            stored.Folds++;
        }

        return true;
    }

    public Task DeleteAsync(DocumentLog document, ReadOnlyMemory<byte> tombstone, CancellationToken ct)
    {
        if (FailDelete is { } failure)
            return Task.FromException(failure);
        Commit();
        lock (_gate)
        {
            Stored stored = Get(document.Name);
            stored.Updates.Clear();
            stored.Epoch++;
            stored.Tombstone = tombstone.ToArray();
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<DocumentSummary>> ListAsync(string? search, string? after, int limit, CancellationToken ct)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<DocumentSummary>>(
                [.. _documents.Where(entry => entry.Value.Updates.Count > 0).OrderBy(entry => entry.Key, StringComparer.Ordinal)
                    .Where(entry => after is null || string.CompareOrdinal(entry.Key, after) > 0)
                    .Take(limit).Select(entry => new DocumentSummary(entry.Key, 1, default, default, entry.Value.Epoch))]);
        }
    }

    public async Task<DocumentSummary?> FindAsync(string name, CancellationToken ct) =>
        (await ListAsync(null, null, int.MaxValue, ct)).FirstOrDefault(row => row.Name == name);

    public List<byte[]> UpdatesOf(string name)
    {
        lock (_gate)
            return [.. Get(name).Updates];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Stored Get(string name)
    {
        if (!_documents.TryGetValue(name, out Stored? stored))
            _documents.Add(name, stored = new Stored());
        return stored;
    }

    private sealed class Stored
    {
        public List<byte[]> Updates { get; } = [];

        public long Epoch { get; set; } = 1;

        public byte[] Tombstone { get; set; } = [];

        public int Folds { get; set; }
    }
}
