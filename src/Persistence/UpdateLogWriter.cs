using Microsoft.Extensions.Logging;

namespace CoEdit.Persistence;

/// <summary>The writer thread: queue, group, one transaction, tell the documents; checkpoints in between.</summary>
/// <remarks>
/// A thread of its own, because SQLite blocks and a blocked pool thread would delay everybody. It owns the only writing connection.
/// A group whose commit fails is neither acknowledged nor dropped: it is repeated over a new connection until it succeeds or the log
/// is disposed.
/// </remarks>
internal sealed partial class UpdateLogWriter
{
    // How often a failing group is repeated once the log is being disposed.
    private const int AttemptsAtEnd = 3;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(1);

    // After this long without work the emptied log is cut to nothing.
    private static readonly TimeSpan LongIdle = TimeSpan.FromSeconds(30);

    private readonly WriteQueue _queue;
    private readonly DataFile _file;
    private readonly StorageOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<DocumentLog> _notify;

    // The writer thread's own.
    private readonly UpdateGroup _group = new();
    private readonly Action<string>? _failpoint;
    private WriterConnection? _connection;
    private bool _uncheckpointed;
    private bool _untruncated = true;
    private bool _checkpointFails;
    private long _lastCheckpoint;

    // Written by the writer thread, read from anywhere.
    private volatile string? _error;

    public UpdateLogWriter(
        WriteQueue queue, WriterConnection connection, DataFile file, StorageOptions options, TimeProvider time, ILogger logger)
    {
        _queue = queue;
        _connection = connection;
        _file = file;
        _options = options;
        _time = time;
        _logger = logger;
        _failpoint = options.Failpoint;
        _notify = Notify;
        _lastCheckpoint = time.GetTimestamp();
    }

    /// <summary>Why the last commit failed; null if it didn't.</summary>
    public string? Error => _error;

    /// <summary>Completes when the queue was completed, everything was written or given up, and the file is closed.</summary>
    public Task Ended => _ended.Task;

    public void Start() => new Thread(Run) { Name = "CoEdit storage writer", IsBackground = true }.Start();

    /// <summary>Tells a document's owner that its properties changed; on the writer thread.</summary>
    public void Notify(DocumentLog document)
    {
        try
        {
            document.Committed?.Invoke(document);
        }
        catch (Exception e)
        {
            // A mistake of one document's owner must not stop the writing of all the others.
            LogCallbackFailed(e, document.Name);
        }
    }

    private void Run()
    {
        try
        {
            WriteUntilCompleted();
            Close();
        }
        catch (Exception e)
        {
            // Not a failure of the disk, those are repeated: a mistake in this program. Nothing is acknowledged from here on.
            _error = $"The storage writer has stopped: {e.Message}";
            LogStopped(e);
        }
        finally
        {
            _queue.Complete();
            Abandon();
            Disconnect();
            _ended.SetResult();
        }
    }

    private void WriteUntilCompleted()
    {
        while (!_queue.IsCompleted || !_queue.IsEmpty)
        {
            var job = _queue.Take(_group.Items, _uncheckpointed ? _options.CheckpointInterval : LongIdle);
            if (job is not null)
                Execute(job);
            else if (_group.Items.Count == 0)
                KeepHouse();
            else if (!Commit())
                return;

            if (_uncheckpointed && _time.GetElapsedTime(_lastCheckpoint) >= _options.CheckpointInterval)
                Checkpoint();
        }
    }

    // 1. write, 2. commit, 3. tell. False if the log is being disposed and the group still can't be committed.
    private bool Commit()
    {
        _group.Arrange();
        var started = _time.GetTimestamp();
        var retry = FirstRetry;
        for (var attemptsAtEnd = 0; ;)
        {
            try
            {
                Connected().InTransaction(connection =>
                {
                    _group.Write(connection);
                    _failpoint?.Invoke("group.before_commit");
                    return true;
                });
                _failpoint?.Invoke("group.after_commit");
                break;
            }
            catch (Exception e)
            {
                Disconnect();
                if (_error is null)
                    LogCommitFailed(e, _group.Items.Count);
                _error = SqliteErrors.Wrap(_file.Path, e).Message;
                if (_queue.IsCompleted && ++attemptsAtEnd >= AttemptsAtEnd)
                    return false;
                _queue.WaitUnlessCompleted(retry);
                retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
            }
        }

        if (_error is not null)
        {
            _error = null;
            LogRecovered();
        }

        _uncheckpointed = true;
        _queue.Release();
        _group.Publish(_notify);
        Report(started);
        _group.Clear();
        return true;
    }

    private void Report(long started)
    {
        if (_options.Committed is not { } committed)
            return;
        try
        {
            committed(new CommittedGroup(_group.Items.Count, _time.GetElapsedTime(_group.Items[0].QueuedAt), _time.GetElapsedTime(started)));
        }
        catch (Exception e)
        {
            // Whoever measures must not stop the writing.
            LogReportFailed(e);
        }
    }

    private void Execute(WriteJob job)
    {
        try
        {
            job.Execute(Connected());
            _uncheckpointed = true;
        }
        catch (Exception e)
        {
            // The waiter decides whether to try again.
            Disconnect();
            job.Fail(SqliteErrors.Wrap(_file.Path, e));
        }
    }

    private void KeepHouse()
    {
        if (_uncheckpointed)
            Checkpoint();
        else if (_untruncated && !_queue.IsCompleted)
            _untruncated = !TryCheckpoint(WriteAheadLog.Truncate);
    }

    private void Checkpoint()
    {
        _lastCheckpoint = _time.GetTimestamp();
        _untruncated = true;
        _uncheckpointed = !TryCheckpoint(WriteAheadLog.Checkpoint);
    }

    // A checkpoint that fails loses nothing, the log keeps what it has: it is tried again after the next interval.
    private bool TryCheckpoint(Func<WriterConnection, bool> checkpoint)
    {
        try
        {
            var complete = checkpoint(Connected());
            _checkpointFails = false;
            return complete;
        }
        catch (Exception e)
        {
            Disconnect();
            if (!_checkpointFails)
                LogCheckpointFailed(e);
            _checkpointFails = true;
            return false;
        }
    }

    private WriterConnection Connected() => _connection ??= WriterConnection.Open(_file, _options);

    private void Disconnect()
    {
        var connection = _connection;
        _connection = null;
        try
        {
            connection?.Dispose();
        }
        catch (Exception e)
        {
            // It is broken already, which is why it is being closed.
            LogCloseFailed(e);
        }
    }

    private void Close()
    {
        if (_group.Items.Count == 0)
            TryCheckpoint(WriteAheadLog.Truncate);
        Disconnect();
    }

    // What nobody was told to be durable and can't be made so any more.
    private void Abandon()
    {
        var updates = _group.Items.Count;
        var reason = new StorageException(_error ?? "The storage is closed.");
        do
        {
            _queue.Release();
            _group.Clear();
            _queue.Take(_group.Items, TimeSpan.Zero)?.Fail(reason);
            updates += _group.Items.Count;
        }
        while (!_queue.IsEmpty || _group.Items.Count > 0);

        if (updates > 0)
            LogAbandoned(updates);
    }

    [LoggerMessage(300, LogLevel.Error, "A commit of {Updates} updates failed; they are not acknowledged and the commit is repeated until it succeeds")]
    private partial void LogCommitFailed(Exception exception, int updates);

    [LoggerMessage(301, LogLevel.Information, "Commits succeed again")]
    private partial void LogRecovered();

    [LoggerMessage(302, LogLevel.Warning, "A checkpoint failed and will be tried again")]
    private partial void LogCheckpointFailed(Exception exception);

    [LoggerMessage(303, LogLevel.Critical, "The storage writer has stopped; nothing is stored any more")]
    private partial void LogStopped(Exception exception);

    [LoggerMessage(304, LogLevel.Error, "{Updates} unacknowledged updates could not be stored before the end")]
    private partial void LogAbandoned(int updates);

    [LoggerMessage(305, LogLevel.Error, "The commit callback of document {Document} failed")]
    private partial void LogCallbackFailed(Exception exception, string document);

    [LoggerMessage(307, LogLevel.Error, "The callback that is told of commits failed")]
    private partial void LogReportFailed(Exception exception);

    [LoggerMessage(306, LogLevel.Debug, "A broken connection could not be closed cleanly")]
    private partial void LogCloseFailed(Exception exception);
}
