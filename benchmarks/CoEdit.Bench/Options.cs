namespace CoEdit.Bench;

/// <summary>The command line.</summary>
internal sealed record Options
{
    private const string DocEngine = "doc";
    private const string StoreEngine = "store";

    private const string Usage =
        """
        usage: CoEdit.Bench --bench ID [--engine doc|store] [--encoding v1|v2] [--json] [--quick] [--save FILE] [--updates FILE]
               CoEdit.Bench --list
               CoEdit.Bench --dump-input ID

          --bench ID         what to run; --list prints the ids
          --engine doc       the integrated document (the default)
          --engine store     the update store, for recorded sessions only
          --encoding v2      the document speaks update format v2
          --json             one JSON line instead of a table
          --quick            few passes: the results are checked, the times mean little
          --save FILE        writes the final state as one update
          --updates FILE     what the store applies: updates, each preceded by its length as a varuint
          --dump-input ID    prints the bytes whose SHA-256 is the metric inputSha256
        """;

    public bool List { get; private init; }

    /// <summary>True if only the input is wanted.</summary>
    public bool DumpInput { get; private init; }

    public string Bench { get; private init; } = "";

    /// <summary>True for the update store, false for the document.</summary>
    public bool IsStore { get; private init; }

    /// <summary>The update format that the document speaks.</summary>
    public WireFormat Format { get; private init; }

    public bool Json { get; private init; }

    public bool Quick { get; private init; }

    public string? UpdateFile { get; private init; }

    public string? SaveFile { get; private init; }

    /// <summary>Internal: this process is the child that measures the retained memory of the document in that file.</summary>
    public string? MemoryOf { get; private init; }

    /// <summary>The options that choose the engine, as another process needs them.</summary>
    public string[] EngineArguments => ["--engine", IsStore ? StoreEngine : DocEngine, "--encoding", Format == WireFormat.V1 ? "v1" : "v2"];

    /// <exception cref="UsageException">An argument is unknown or missing, or asks for something that does not exist.</exception>
    public static Options Parse(string[] args)
    {
        var options = new Options();
        for (int i = 0; i < args.Length; i++)
        {
            string name = args[i];
            options = name switch
            {
                "--list" => options with { List = true },
                "--json" => options with { Json = true },
                "--quick" => options with { Quick = true },
                "--bench" => options with { Bench = Value() },
                "--dump-input" => options with { Bench = Value(), DumpInput = true },
                "--updates" => options with { UpdateFile = Value() },
                "--save" => options with { SaveFile = Value() },
                RetainedMemory.Switch => options with { MemoryOf = Value() },
                "--engine" => options with { IsStore = OneOf(DocEngine, StoreEngine) },
                "--encoding" => options with { Format = OneOf("v1", "v2") ? WireFormat.V2 : WireFormat.V1 },
                _ => throw new UsageException($"Unknown argument {name}.\n\n{Usage}"),
            };

            string Value() => i + 1 < args.Length ? args[++i] : throw new UsageException($"{name} needs a value.\n\n{Usage}");

            // False for the first, true for the second.
            bool OneOf(string first, string second)
            {
                string value = Value();
                return value == second || (value == first ? false : throw new UsageException($"{name} is {first} or {second}.\n\n{Usage}"));
            }
        }

        if (!options.List && options.MemoryOf is null)
            options.CheckBench();
        return options;
    }

    private void CheckBench()
    {
        if (Bench.Length == 0)
            throw new UsageException(Usage);
        IReadOnlyList<string> ids = IsStore ? Catalog.RecordedIds : Catalog.AllIds;
        if (!ids.Contains(Bench))
        {
            string engine = IsStore ? "The update store" : "The document";
            throw new UsageException($"{engine} has no benchmark {Bench}; it has {string.Join(' ', ids)}.");
        }

        if (IsStore && Format == WireFormat.V2)
            throw new UsageException("The update store reads update format v1 only.");
        if (UpdateFile is not null && !IsStore)
            throw new UsageException("--updates is for the update store: the document makes its own updates.");
    }
}
