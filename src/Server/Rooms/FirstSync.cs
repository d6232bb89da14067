using System.Buffers;
using CoEdit.Crdt;
using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>What every newcomer of a document is sent, encoded once however many come at the same time.</summary>
/// <remarks>
/// Owned by the loop of one room. A small document is one step 2, valid for one version of the document. A large one is a row of parts, made
/// as the first newcomer takes them; what changed since is in the tail that each newcomer gets for itself. Forgotten when nobody comes.
/// </remarks>
internal sealed class FirstSync
{
    private const int KeepMs = 10_000;

    private PartRow? _row;
    private byte[]? _step2;
    private long _step2Version;
    private long _usedAt;

    /// <summary>The whole document as a step 2 message.</summary>
    public byte[] Step2Of(UpdateStore store, long version, long nowMs)
    {
        _usedAt = nowMs;
        if (_step2 is null || _step2Version != version)
        {
            _step2 = SyncProtocol.Step2(store.EncodeState());
            _step2Version = version;
        }

        return _step2;
    }

    /// <summary>The parts for a newcomer that has nothing yet.</summary>
    public PartRow Row(long nowMs)
    {
        _usedAt = nowMs;
        return _row ??= new PartRow();
    }

    /// <summary>Lets go of everything when nobody has come for a while. Newcomers that are on their way keep their row.</summary>
    public void Forget(long nowMs)
    {
        if (nowMs - _usedAt < KeepMs)
            return;
        _step2 = null;
        _row = null;
    }

    /// <summary>The parts of a large document as update messages, for all that begin with nothing.</summary>
    internal sealed class PartRow
    {
        private readonly List<byte[]> _parts = [];
        private DiffCursor _end = new(new StateVector());

        /// <summary>The part with this number; null when there is none, and what follows is each newcomer's own tail.</summary>
        public byte[]? Part(UpdateStore store, int index, int partBytes)
        {
            if (index < _parts.Count)
                return _parts[index];
            if (store.EstimateDiff(_end.GetSent()) <= partBytes)
                return null;
            DiffCursor next = _end.Fork();
            var part = new ArrayBufferWriter<byte>(partBytes + 1024);
            if (store.WritePart(next, partBytes, part))
                return null; // the rest cannot be divided
            _end = next;
            _parts.Add(SyncProtocol.Update(part.WrittenSpan));
            return _parts[index];
        }

        /// <summary>Where a newcomer with all parts goes on by itself.</summary>
        public DiffCursor Behind() => _end.Fork();
    }
}
