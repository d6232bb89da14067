namespace CoEdit.Crdt;

/// <summary>What an update would bring.</summary>
public enum UpdateNews
{
    /// <summary>Everything in it is here.</summary>
    Nothing,

    /// <summary>No struct, but deletions that are not in the store's delete set.</summary>
    Deletions,

    /// <summary>Structs that are not here, and maybe deletions.</summary>
    Structs,
}

/// <content>Asking without doing.</content>
public sealed partial class UpdateStore
{
    /// <summary>Tells what <see cref="Apply"/> would find new. Nothing is changed.</summary>
    /// <param name="update">An update v1. No limit is applied to it.</param>
    /// <exception cref="MalformedUpdateException">The bytes are not a legal update.</exception>
    /// <remarks>
    /// Takes time in proportion to the update's length. Integration deletes more than updates say (what was inserted into something
    /// deleted, values of a map that lost), so a client's delete set may be news to a store although its user deleted nothing.
    /// </remarks>
    public UpdateNews FindNews(ReadOnlySpan<byte> update)
    {
        ApplyPlan plan = ApplyPlan.Rent();
        try
        {
            plan.Make(update, this, UpdateSource.Trusted);
            if (plan.HasApplied || plan.NewParked.Count > 0)
                return UpdateNews.Structs;
            if (plan.NewDeletes.Count == 0 && plan.Scan.Dead.Count > 0)
                CollectMissing(plan.Scan.Dead.Items, ref plan.NewDeletes, out _);
            return plan.NewDeletes.Count > 0 ? UpdateNews.Deletions : UpdateNews.Nothing;
        }
        finally
        {
            ApplyPlan.Return(plan);
        }
    }
}
