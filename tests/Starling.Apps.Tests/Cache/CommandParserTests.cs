using Starling.Apps.Cache;
using Starling.Apps.Cache.Console;

namespace Starling.Apps.Tests.Cache;

public sealed class CommandParserTests
{
    [Fact]
    public void Every_command_is_read()
    {
        Assert.Equal(new ConsoleCommand.Nothing(), CommandParser.Parse("  "));
        Assert.Equal(new ConsoleCommand.Grab("http://a/", false), CommandParser.Parse(" grab\thttp://a/ "));
        Assert.Equal(new ConsoleCommand.Grab("http://a/", true), CommandParser.Parse("grab http://a/ &"));
        Assert.Equal(new ConsoleCommand.Get(3, null), CommandParser.Parse("get 3"));
        Assert.Equal(new ConsoleCommand.Get(3, "a file.html"), CommandParser.Parse("get 3 > a file.html"));
        Assert.Equal(new ConsoleCommand.Get(3, "b"), CommandParser.Parse("get 3>b"));
        Assert.Equal(new ConsoleCommand.ShowList(), CommandParser.Parse("list"));
        Assert.Equal(new ConsoleCommand.Delete(null), CommandParser.Parse("delete"));
        Assert.Equal(new ConsoleCommand.Delete(7), CommandParser.Parse("delete 7"));
        Assert.Equal(new ConsoleCommand.Stats(), CommandParser.Parse("stats"));
        Assert.Equal(new ConsoleCommand.Help(), CommandParser.Parse("help"));
        Assert.Equal(new ConsoleCommand.Stop(), CommandParser.Parse("stop"));
    }

    [Theory]
    [InlineData("'a > b.txt'", "a > b.txt")]
    [InlineData("\"it's.txt\"", "it's.txt")]
    [InlineData("it's.txt", "it's.txt")]
    [InlineData("~x", "~x")]
    [InlineData("'~/x'", "~/x")]
    public void A_file_is_named_as_in_a_shell(string written, string expected) =>
        Assert.Equal(new ConsoleCommand.Get(3, expected), CommandParser.Parse("get 3 > " + written));

    [Fact]
    public void A_file_may_be_in_the_users_own_folder() => Assert.Equal(
        new ConsoleCommand.Get(3, Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "a/b")), CommandParser.Parse("get 3 > ~/a/b"));

    [Theory]
    [InlineData("gab http://a/", "is 'grab' meant?")]
    [InlineData("LIST", "is 'list' meant?")]
    [InlineData("purge", "there are grab, get, list, delete, stats, help, stop")]
    [InlineData("grab", "'grab' is written: grab URL")]
    [InlineData("grab a b", "'grab' is written: grab URL")]
    [InlineData("get", "'get' is written: get N")]
    [InlineData("get 1 >", "'get' is written: get N")]
    [InlineData("get 1 >> q", "Nothing is appended to a file")]
    [InlineData("get 1 > \"q", "A name in quotes ends with")]
    [InlineData("get 1 > 'q' r", "A name in quotes ends with")]
    [InlineData("get 1 > ''", "A name in quotes ends with")]
    [InlineData("get x", "'x' is no number of an entry")]
    [InlineData("get -1", "'-1' is no number of an entry")]
    [InlineData("get 0", "'0' is no number of an entry")]
    [InlineData("delete all", "'all' is no number of an entry")]
    [InlineData("stop now", "'stop' is written: stop")]
    public void What_is_no_command_is_refused_with_what_was_probably_meant(string line, string expected)
    {
        var refusal = Assert.Throws<CacheException>(() => CommandParser.Parse(line));
        Assert.Equal(CacheError.BadCommand, refusal.Error);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }
}
