using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace CoEdit.Persistence;

/// <summary>The model after the newest migration; EF compares it with the code's model and refuses to migrate if they differ.</summary>
[DbContext(typeof(CoEditDbContext))]
internal sealed class CoEditDbContextModelSnapshot : ModelSnapshot
{
    protected override void BuildModel(ModelBuilder modelBuilder) => Initial.BuildModel(modelBuilder);
}
