using Starling.Documents.Subscriptions;

namespace Starling.Documents.Tests.Subscriptions;

public sealed class ListDiffTests
{
    [Fact]
    public void The_steps_lead_from_any_list_to_any_other()
    {
        var random = new Random(20261121);
        for (var round = 0; round < 20_000; round++)
        {
            var (before, after) = (RandomList(random), RandomList(random));
            var list = new List<string>(before);
            foreach (var change in ListDiff.Find(before, after))
            {
                Apply(list, change);
            }

            Assert.Equal(after, list);
        }
    }

    [Theory]
    [InlineData("a b c", "a b c", "")]
    [InlineData("a b c d", "d", "-0*3")]
    [InlineData("a d", "a b c d", "+1*2")]
    [InlineData("a b c d e", "e a b c d", "4>0")]
    [InlineData("a b c d e", "b c d e a", "0>4")]
    [InlineData("a b c d", "a x d", "-1*2 +1*1")]
    public void They_are_few(string before, string after, string expected) =>
        Assert.Equal(expected, string.Join(' ', ListDiff.Find(Split(before), Split(after)).Select(change => change switch
        {
            ListChange.Remove remove => $"-{remove.Index}*{remove.Count}",
            ListChange.Move move => $"{move.From}>{move.To}",
            ListChange.Insert insert => $"+{insert.Index}*{insert.Ids.Count}",
            _ => throw new InvalidOperationException(),
        })));

    private static string[] Split(string list) => list.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string[] RandomList(Random random)
    {
        var ids = Enumerable.Range(0, 8).Select(n => "abcdefgh"[n].ToString()).ToArray();
        random.Shuffle(ids);
        return ids[..random.Next(9)];
    }

    private static void Apply(List<string> list, ListChange change)
    {
        switch (change)
        {
            case ListChange.Remove remove:
                list.RemoveRange(remove.Index, remove.Count);
                break;
            case ListChange.Move move:
                var moved = list.GetRange(move.From, move.Count);
                list.RemoveRange(move.From, move.Count);
                list.InsertRange(move.To, moved);
                break;
            case ListChange.Insert insert:
                list.InsertRange(insert.Index, insert.Ids);
                break;
        }
    }
}
