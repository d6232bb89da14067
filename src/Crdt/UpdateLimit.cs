namespace CoEdit.Crdt;

/// <summary>The limit that an update would have broken: of <see cref="UpdateStoreOptions"/>, or of the same name in <see cref="YDocOptions"/>.</summary>
public enum UpdateLimit
{
    /// <summary>The document would be larger than <see cref="UpdateStoreOptions.MaxStoredBytes"/>. Permanent.</summary>
    DocumentBytes,

    /// <summary>The document would have more than <see cref="UpdateStoreOptions.MaxRoots"/> root types. Permanent.</summary>
    Roots,

    /// <summary>A root type's name is longer than <see cref="UpdateStoreOptions.MaxNameBytes"/>. Permanent.</summary>
    RootNameLength,

    /// <summary>The update claims more deleted units than <see cref="UpdateStoreOptions.MaxDeletedRun"/>. Permanent.</summary>
    DeletedRun,

    /// <summary>A value is nested deeper than <see cref="UpdateStoreOptions.MaxValueNesting"/>. Permanent.</summary>
    ValueNesting,

    /// <summary>The document would have more clients than <see cref="UpdateStoreOptions.MaxClients"/>. Permanent.</summary>
    Clients,

    /// <summary>Too much waits for structs that have not arrived. Transient: ask the peer to synchronise again.</summary>
    Pending,
}
