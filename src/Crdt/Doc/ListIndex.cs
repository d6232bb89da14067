namespace CoEdit.Crdt;

/// <summary>Finds the item at an index of a list, and the index of an item, in logarithmic time: a B+-tree over the items of the list.</summary>
/// <remarks>
/// <code>
///              [ inner: sums of the children ]
///             /               |               \
///   leaf: handles  7  9  2   leaf …          leaf …
///         visible  5  0  1
/// </code>
/// Built from the list the first time an index is asked for, so remote changes to lists nobody reads cost nothing.
/// <see cref="Item.Aux"/> names the leaf of an item. Invariant: the leaves hold every item of the list in order, with its visible length.
/// </remarks>
internal sealed class ListIndex
{
    private const int LeafSize = 32;
    private const int Fanout = 32;

    private readonly ItemPages _items;
    private Leaf[] _leaves = new Leaf[4];
    private int _leafCount = 1;
    private readonly Stack<Leaf> _free = new();
    private Node _root;
    private readonly Leaf _first;

    // Where the last index was found, and the units in front of that leaf: mostly the next one is there too. Forgotten when another leaf changes.
    private Leaf? _hit;
    private int _beforeHit;

    public ListIndex(ItemPages items, int start)
    {
        _items = items;
        _first = NewLeaf();
        _root = _first;
        Leaf leaf = _first;
        for (int handle = start; handle != 0; handle = items[handle].Right)
        {
            if (leaf.Count == LeafSize * 3 / 4)
            {
                Leaf next = NewLeaf();
                Attach(leaf, next);
                leaf = next;
            }

            int visible = items[handle].VisibleLength;
            leaf.Handles[leaf.Count] = handle;
            leaf.Lengths[leaf.Count++] = visible;
            items[handle].Aux = leaf.Number;
            AddUp(leaf, visible);
        }
    }

    public int Total => _root.Sum;

    /// <summary>The item that holds the unit at an index below <see cref="Total"/>.</summary>
    public int Find(int index, out int offset)
    {
        if (_hit is not { } leaf || index < _beforeHit || index - _beforeHit >= leaf.Sum)
            leaf = FindLeaf(index);
        index -= _beforeHit;
        int slot = 0;
        while (index >= leaf.Lengths[slot])
            index -= leaf.Lengths[slot++];
        offset = index;
        return leaf.Handles[slot];
    }

    private Leaf FindLeaf(int index)
    {
        int before = 0;
        Node node = _root;
        while (node is Inner inner)
        {
            int child = 0;
            while (index - before >= inner.Children[child].Sum)
                before += inner.Children[child++].Sum;
            node = inner.Children[child];
        }

        _beforeHit = before;
        return _hit = (Leaf)node;
    }

    /// <summary>Visible units to the left of an item.</summary>
    public int IndexOf(int handle)
    {
        Leaf leaf = _leaves[_items[handle].Aux];
        int index = 0;
        for (int slot = 0; leaf.Handles[slot] != handle; slot++)
            index += leaf.Lengths[slot];
        Node node = leaf;
        while (node.Parent is { } parent)
        {
            for (int i = 0; parent.Children[i] != node; i++)
                index += parent.Children[i].Sum;
            node = parent;
        }

        return index;
    }

    public void Insert(int handle, int left, int visible)
    {
        Leaf leaf = left == 0 ? _first : _leaves[_items[left].Aux];
        int slot = left == 0 ? 0 : Array.IndexOf(leaf.Handles, left, 0, leaf.Count) + 1;
        if (leaf.Count == LeafSize)
        {
            Leaf right = SplitLeaf(leaf);
            if (slot > leaf.Count)
            {
                slot -= leaf.Count;
                leaf = right;
            }
        }

        Array.Copy(leaf.Handles, slot, leaf.Handles, slot + 1, leaf.Count - slot);
        Array.Copy(leaf.Lengths, slot, leaf.Lengths, slot + 1, leaf.Count - slot);
        leaf.Handles[slot] = handle;
        leaf.Lengths[slot] = visible;
        leaf.Count++;
        _items[handle].Aux = leaf.Number;
        AddUp(leaf, visible);
    }

    public void Resize(int handle, int change)
    {
        if (change == 0)
            return;
        Leaf leaf = _leaves[_items[handle].Aux];
        leaf.Lengths[Array.IndexOf(leaf.Handles, handle, 0, leaf.Count)] += change;
        AddUp(leaf, change);
    }

    /// <summary>An item was cut; both parts have their lengths already.</summary>
    public void Split(int left, int right)
    {
        int moved = _items[right].VisibleLength;
        Resize(left, -moved);
        Insert(right, left, moved);
    }

    /// <summary>An item is about to be joined to the one on its left.</summary>
    public void Join(int left, int right)
    {
        Leaf leaf = _leaves[_items[right].Aux];
        int slot = Array.IndexOf(leaf.Handles, right, 0, leaf.Count);
        int visible = leaf.Lengths[slot];
        leaf.Count--;
        Array.Copy(leaf.Handles, slot + 1, leaf.Handles, slot, leaf.Count - slot);
        Array.Copy(leaf.Lengths, slot + 1, leaf.Lengths, slot, leaf.Count - slot);
        if (visible != 0)
        {
            AddUp(leaf, -visible);
            Resize(left, visible);
        }

        if (leaf.Count == 0 && leaf != _first)
            Remove(leaf);
    }

    private void AddUp(Node node, int change)
    {
        if (node != _hit)
            _hit = null;
        for (Node? up = node; up is not null; up = up.Parent)
            up.Sum += change;
    }

    private Leaf NewLeaf()
    {
        if (_free.TryPop(out Leaf? free))
            return free;
        int number = _leafCount++;
        if (number == _leaves.Length)
            Array.Resize(ref _leaves, 2 * number);
        return _leaves[number] = new Leaf(number);
    }

    private Leaf SplitLeaf(Leaf leaf)
    {
        // A leaf that is filled at its end, by typing or loading, stays nearly full.
        const int half = LeafSize / 2;
        Leaf right = NewLeaf();
        right.Count = LeafSize - half;
        Array.Copy(leaf.Handles, half, right.Handles, 0, right.Count);
        Array.Copy(leaf.Lengths, half, right.Lengths, 0, right.Count);
        leaf.Count = half;
        int moved = 0;
        for (int i = 0; i < right.Count; i++)
        {
            moved += right.Lengths[i];
            _items[right.Handles[i]].Aux = right.Number;
        }

        AddUp(leaf, -moved);
        Attach(leaf, right);
        AddUp(right, moved);
        return right;
    }

    // Puts an empty-summed node behind another one, splitting the inner nodes above as needed.
    private void Attach(Node left, Node right)
    {
        Inner? parent = left.Parent;
        if (parent is null)
        {
            parent = new Inner { Sum = left.Sum };
            parent.Children[parent.Count++] = left;
            left.Parent = parent;
            _root = parent;
        }

        if (parent.Count < Fanout)
        {
            Put(parent, left, right);
            return;
        }

        Inner sibling = new();
        const int half = Fanout / 2;
        sibling.Count = Fanout - half;
        Array.Copy(parent.Children, half, sibling.Children, 0, sibling.Count);
        Array.Clear(parent.Children, half, sibling.Count);
        parent.Count = half;
        int moved = 0;
        for (int i = 0; i < sibling.Count; i++)
        {
            sibling.Children[i].Parent = sibling;
            moved += sibling.Children[i].Sum;
        }

        Put(left.Parent!, left, right);
        AddUp(parent, -moved);

        // Ancestors count the sibling's sum as soon as it hangs below them. The recursion is as deep as the tree: three or four.
        Attach(parent, sibling);
        AddUp(sibling, moved);
    }

    private static void Put(Inner parent, Node left, Node right)
    {
        int slot = Array.IndexOf(parent.Children, left, 0, parent.Count) + 1;
        Array.Copy(parent.Children, slot, parent.Children, slot + 1, parent.Count - slot);
        parent.Children[slot] = right;
        parent.Count++;
        right.Parent = parent;
    }

    private void Remove(Leaf leaf)
    {
        _hit = null;
        Node node = leaf;
        while (node.Parent is { } parent)
        {
            int slot = Array.IndexOf(parent.Children, node, 0, parent.Count);
            parent.Count--;
            Array.Copy(parent.Children, slot + 1, parent.Children, slot, parent.Count - slot);
            parent.Children[parent.Count] = null!;
            node.Parent = null;
            if (parent.Count > 0)
                break;
            node = parent;
        }

        _free.Push(leaf);
    }

    private abstract class Node
    {
        public Inner? Parent;
        public int Sum;
        public int Count;
    }

    private sealed class Inner : Node
    {
        public readonly Node[] Children = new Node[Fanout];
    }

    private sealed class Leaf(int number) : Node
    {
        public readonly int Number = number;
        public readonly int[] Handles = new int[LeafSize];
        public readonly int[] Lengths = new int[LeafSize];
    }
}
