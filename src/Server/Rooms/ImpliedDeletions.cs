using CoEdit.Crdt;

namespace CoEdit.Server;

/// <summary>Knows the deletions that follow from a document's updates without being written in them.</summary>
/// <remarks>
/// Whoever integrates a document deletes what was inserted into something deleted, and the values of a map that lost. A room does not
/// integrate, so a reader's step 2 may hold deletions that the room has never heard of although the reader touched nothing. To tell the
/// two apart, the document is integrated once, and again only when it has changed and some time has passed: readers must not be able to keep
/// a room busy. Owned by the room's loop.
/// </remarks>
internal sealed class ImpliedDeletions
{
    private const int PauseMs = 5_000;
    private const int KeepMs = 60_000;

    /// <summary>Larger documents take too long to integrate inside a room's loop.</summary>
    private const long MaxBytes = 2 * 1024 * 1024;

    private UpdateStore? _integrated;
    private long _version;
    private long? _integratedAt;
    private long _usedAt;

    /// <summary>True when every deletion in <paramref name="update"/> follows from <paramref name="store"/>. False when that cannot be found out now.</summary>
    /// <param name="store">The document, which holds every struct that the update names.</param>
    /// <param name="version">Changes with the document.</param>
    /// <param name="update">An update without new structs.</param>
    /// <param name="nowMs">The current time.</param>
    public bool Cover(UpdateStore store, long version, ReadOnlySpan<byte> update, long nowMs)
    {
        _usedAt = nowMs;
        if (_integrated is not null && _integrated.FindNews(update) == UpdateNews.Nothing)
            return true; // what was deleted then is deleted now
        bool isCurrent = _integrated is not null && version == _version;
        if (isCurrent || store.StoredBytes > MaxBytes || nowMs - _integratedAt < PauseMs)
            return false;
        _integratedAt = nowMs;
        _version = version;
        _integrated = Integrate(store);
        return _integrated is not null && _integrated.FindNews(update) == UpdateNews.Nothing;
    }

    /// <summary>Lets the memory go when no reader has needed it for a while.</summary>
    public void Expire(long nowMs)
    {
        if (nowMs - _usedAt >= KeepMs)
            _integrated = null;
    }

    private static UpdateStore? Integrate(UpdateStore store)
    {
        var document = new YDoc(new YDocOptions { CleanupFormatting = false });
        try
        {
            document.ApplyUpdate(store.EncodeState());
        }
        catch (DepthLimitException)
        {
            return null;
        }

        var integrated = new UpdateStore();
        integrated.Apply(document.EncodeStateAsUpdate(), UpdateSource.Trusted);
        return integrated;
    }
}
