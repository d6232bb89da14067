namespace CoEdit.Bench;

/// <summary>The command line.</summary>
internal sealed record Options
{
    private const string Usage =
        """
        usage: CoEdit.Bench --bench ID --engine store [--json] [--updates FILE] [--quick] [--save FILE]
               CoEdit.Bench --list

          --bench ID       what to replay; --list prints the ids
          --engine store   what to measure: the update store
          --json           one JSON line instead of a table
          --updates FILE   the updates to apply, each preceded by its length as a varuint
          --quick          few passes: the results are checked, the times mean little
          --save FILE      writes the final state as one update
        """;

    public bool List { get; private init; }

    public string Bench { get; private init; } = "";

    public string Engine { get; private init; } = "";

    public bool Json { get; private init; }

    public bool Quick { get; private init; }

    public string? UpdateFile { get; private init; }

    public string? SaveFile { get; private init; }

    /// <summary>Internal: this process is the child that measures the retained memory of the document in that file.</summary>
    public string? MemoryOf { get; private init; }

    /// <exception cref="UsageException">An argument is unknown or missing, or asks for something this version does not have.</exception>
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
                "--updates" => options with { UpdateFile = Value() },
                "--save" => options with { SaveFile = Value() },
                RetainedMemory.Switch => options with { MemoryOf = Value() },
                "--engine" => options with { Engine = Value() },
                _ => throw new UsageException($"Unknown argument {name}.\n\n{Usage}"),
            };

            string Value() => i + 1 < args.Length ? args[++i] : throw new UsageException($"{name} needs a value.\n\n{Usage}");
        }

        if (options.List || options.MemoryOf is not null)
            return options;
        if (options.Bench.Length == 0)
            throw new UsageException(Usage);
        if (options.Engine != "store")
            throw new UsageException("This version has one engine, the update store: pass --engine store.");
        if (!Catalog.Ids.Contains(options.Bench))
            throw new UsageException($"The update store has no benchmark {options.Bench}; it has {string.Join(' ', Catalog.Ids)}.");
        return options;
    }
}
