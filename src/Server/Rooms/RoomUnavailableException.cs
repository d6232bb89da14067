namespace CoEdit.Server;

/// <summary>A document cannot be served now: it could not be loaded, or its room failed or is going away.</summary>
internal sealed class RoomUnavailableException(string document, string? error)
    : Exception(error ?? $"The room of \"{document}\" is closing.")
{
    /// <summary>The room only went away in the ordinary course of things; asking again opens a new one.</summary>
    public bool IsClosing => error is null;
}
