using Starling.Supervisor.Keeping;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Tests.Keeping;

public sealed class ExitNewsTests
{
    private static readonly ExitStatus Failed = new(1, null);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void News_of_a_former_process_are_not_believed_of_a_new_one_with_the_same_id(bool isToldBefore)
    {
        var news = new ExitNews();
        var heard = new List<ExitStatus>();
        if (isToldBefore)
        {
            news.Tell(42, start: 100, Failed);
        }

        news.Listen(42, start: 200, heard.Add);
        news.Tell(42, start: 100, Failed);
        Assert.Empty(heard);
        news.Tell(42, start: 200, ExitStatus.Unknown);
        Assert.Equal([ExitStatus.Unknown], heard);
    }

    [Fact]
    public void News_that_came_first_are_told_to_those_who_ask()
    {
        var news = new ExitNews();
        news.Tell(42, start: 100, Failed);
        var heard = new List<ExitStatus>();
        news.Listen(42, start: 100, heard.Add);
        Assert.Equal([Failed], heard);
    }
}
