namespace CoEdit.Server;

/// <summary>Section <c>CoEdit:Awareness</c>: presence.</summary>
public sealed class AwarenessSection
{
    /// <summary>Replaces <c>user.id</c> and <c>user.name</c> of every state by what the token says, so that nobody shows another's name.</summary>
    public bool StampUser { get; set; }

    /// <summary>Whether those who may only read are seen by the others.</summary>
    public bool ReadersAreSeen { get; set; } = true;
}
