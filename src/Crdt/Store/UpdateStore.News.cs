namespace CoEdit.Crdt;

/// <content>Asking without doing.</content>
public sealed partial class UpdateStore
{
    /// <summary>True when <see cref="Apply"/> would change something: the update holds structs or deletions that are not here yet.</summary>
    /// <param name="update">An update v1. No limit is applied to it.</param>
    /// <exception cref="MalformedUpdateException">The bytes are not a legal update.</exception>
    /// <remarks>Takes time in proportion to the update's length.</remarks>
    public bool HasNews(ReadOnlySpan<byte> update)
    {
        ApplyPlan plan = ApplyPlan.Rent();
        try
        {
            plan.Make(update, this, UpdateSource.Trusted);
            if (plan.HasApplied || plan.NewParked.Count > 0 || plan.NewDeletes.Count > 0)
                return true;
            if (plan.Scan.Dead.Count > 0)
                CollectMissing(plan.Scan.Dead.Items, ref plan.NewDeletes, out _);
            return plan.NewDeletes.Count > 0;
        }
        finally
        {
            ApplyPlan.Return(plan);
        }
    }
}
