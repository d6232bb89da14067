namespace CoEdit.Crdt;

/// <content>Garbage collection of deleted content.</content>
public sealed partial class UpdateStore
{
    /// <summary>Drops the content of everything deleted, joins what continues each other. Delete ranges and parked structs stay.</summary>
    /// <remarks>
    /// Takes time linear in the document's size: for idle moments, not for every update. The document is the same for every peer: an
    /// element's place follows from ids and origins alone, and those stay. Deletions that only arise while a replica integrates (the losing
    /// value of a map key, children inserted under a deleted parent) are unknown here; their bytes stay.
    /// Afterwards older versions cannot be restored from this store.
    /// </remarks>
    public CompactResult Compact()
    {
        _hasNovelPart = false;
        long bytesBefore = _structBytes;
        int structsBefore = _structCount;
        Compactor compactor = new(_sizes);
        foreach (ClientLog log in _clients.Values)
        {
            if (log.State == 0)
                continue;
            long bytes = log.Bytes;
            int structs = log.StructCount;
            compactor.Rewrite(log);
            _structBytes += log.Bytes - bytes;
            _structCount += log.StructCount - structs;
        }

        return new CompactResult(bytesBefore, _structBytes, structsBefore, _structCount);
    }
}
