namespace CoEdit.Load;

/// <summary>What has been counted, over all rooms of a run.</summary>
internal sealed class Tally
{
    /// <summary>Latencies are recorded only in the measured part of a run.</summary>
    public bool Measuring { get; set; }

    /// <summary>A receiver's letter lets its sender type the next one (closed loop).</summary>
    public bool ClosedLoop { get; set; }

    public Histogram Latency { get; } = new();

    /// <summary>Updates made.</summary>
    public long Sent { get; set; }

    /// <summary>Updates that reached a peer other than their sender.</summary>
    public long Delivered { get; set; }

    /// <summary>Presence states that a newer one of the same client has replaced on the way.</summary>
    public long Superseded { get; set; }

    /// <summary>Frames that carried deliveries, handshakes and echoes.</summary>
    public long Frames { get; set; }
}
