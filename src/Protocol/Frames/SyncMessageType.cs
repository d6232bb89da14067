namespace CoEdit.Protocol;

/// <summary>The second number of a <see cref="MessageType.Sync"/> message.</summary>
public enum SyncMessageType
{
    /// <summary>A state vector: "this is what I have". Whoever receives it answers with <see cref="Step2"/>.</summary>
    Step1 = 0,

    /// <summary>An update with everything the asker lacked; sent even when that is nothing, for it makes a client "synced".</summary>
    Step2 = 1,

    /// <summary>An update nobody asked for: news.</summary>
    Update = 2,
}
