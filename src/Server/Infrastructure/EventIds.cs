namespace CoEdit.Server;

/// <summary>Numbers of log events, in one place so that none is used twice.</summary>
internal static class EventIds
{
    public const int RoomOpened = 1001;
    public const int RoomClosed = 1002;
    public const int PeerJoined = 1003;
    public const int PeerLeft = 1004;
    public const int Folded = 1005;
    public const int DocumentDeleted = 1006;
    public const int LoadFailed = 1010;
    public const int RoomFailed = 1011;
    public const int FoldFailed = 1012;
    public const int PeerRefused = 1020;
    public const int PeerLagging = 1021;
    public const int ResyncAsked = 1022;
    public const int ConnectionFailed = 1023;
    public const int ForkRefused = 1024;
    public const int MissingAsked = 1025;
    public const int MissingAskedAll = 1026;
    public const int AuthenticatorFailed = 1027;
    public const int StatelessHandlerFailed = 1028;
    public const int PeerKicked = 1029;
    public const int LifecycleDropped = 1030;
    public const int LifecycleHandlerFailed = 1031;
    public const int AnonymousNetwork = 1040;
    public const int SmallMessageLimit = 1041;
    public const int UnknownKey = 1042;
    public const int Exporting = 1043;
    public const int Stopping = 1044;
    public const int RoomsAbandoned = 1045;
    public const int SocketsAborted = 1046;
    public const int Stopped = 1047;
    public const int KeysLoaded = 1050;
    public const int KeysFailed = 1051;
    public const int RightsFailed = 1052;
    public const int RightsChanged = 1053;
    public const int PeerDismissed = 1054;
}
