namespace CoEdit.Load;

/// <summary>The numbers of both protocols (docs/protocol.md).</summary>
internal static class MessageType
{
    public const byte Sync = 0;
    public const byte Awareness = 1;
    public const byte Auth = 2;
    public const byte SyncStatus = 8;
    public const byte Acknowledgement = 100;

    public const byte Step1 = 0;
    public const byte Step2 = 1;
    public const byte Update = 2;
    public const byte PermissionDenied = 1;
}
