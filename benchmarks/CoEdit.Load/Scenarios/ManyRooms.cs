namespace CoEdit.Load;

/// <summary>Many small rooms at an easy rate.</summary>
internal sealed class ManyRooms : Paced
{
    public override string Name => "many-rooms";

    public override string Describe(Sizes sizes) => $"{sizes.ManyRooms} rooms × 2 peers, {sizes.ManyRoomsRate} updates/s in all";

    protected override (int Rooms, int Peers, int Rate) Load(Sizes sizes) => (sizes.ManyRooms, 2, sizes.ManyRoomsRate);
}
