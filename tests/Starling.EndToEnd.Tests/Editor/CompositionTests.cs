using Microsoft.Playwright;
using Starling.EndToEnd.Tests.Browsers;
using Starling.EndToEnd.Tests.Hosts;
using static Microsoft.Playwright.Assertions;

namespace Starling.EndToEnd.Tests.Editor;

/// <summary>Input methods, as Japanese, Chinese, Korean and every Android keyboard use them, while another person types.</summary>
public sealed class CompositionTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Word = "日本";

    public static TheoryData<string, string, string[]> Places => new()
    {
        { "Control+End", "Control+Home", ["Xhello", "world日本"] },
        { "Control+End", "Control+End", ["hello", "worldX日本"] },
        { "Control+Home", "Control+Home", ["X日本hello", "world"] },
        { "Control+Home", "Control+End", ["日本hello", "worldX"] },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_composition_and_typing_of_another_person_give_one_text(string composing, string typing, string[] expected)
    {
        await using var session = await Session.StartAsync(chromium, "hello\nworld");
        await session.Ada.PlaceAsync(composing);
        await session.ComposeAsync("に");
        await session.ComposeAsync("にほん");

        await session.Grace.PlaceAsync(typing);
        await session.Grace.Page.Keyboard.TypeAsync("X");
        await session.Grace.IsSavedAsync();
        await session.ComposeAsync(Word);
        await session.CommitAsync(Word);

        await session.BothReadAsync(expected);
    }

    [Fact]
    public async Task A_cancelled_composition_shows_what_came_meanwhile()
    {
        await using var session = await Session.StartAsync(chromium, "hello");
        await session.Ada.PlaceAsync("Control+End");
        await session.ComposeAsync("にほん");
        await session.Grace.PlaceAsync("Control+Home");
        await session.Grace.Page.Keyboard.TypeAsync("Good ");
        await session.Grace.IsSavedAsync();

        await session.ComposeAsync("");
        await session.CommitAsync("");

        await session.BothReadAsync("Good hello");
    }

    [Fact]
    public async Task Words_composed_one_after_the_other_stay_in_their_order()
    {
        await using var session = await Session.StartAsync(chromium, "");
        await session.Ada.PlaceAsync("Control+End");
        await session.Grace.PlaceAsync("Control+Home");
        var typing = Task.Run(() => session.Grace.Page.Keyboard.TypeAsync(new string('x', 60), new KeyboardTypeOptions { Delay = 15 }), TestContext.Current.CancellationToken);
        foreach (var word in new[] { "one ", "two ", "three ", "four " })
        {
            for (var length = 1; length <= word.Length; length++)
            {
                await session.ComposeAsync(word[..length]);
            }

            await session.CommitAsync(word);
        }

        await typing;
        await session.SameAsync();
        var text = await session.Ada.Text.TextContentAsync() ?? "";
        Assert.Equal("one two three four ", text.Replace("x", "", StringComparison.Ordinal));
        Assert.Equal(60, text.Count(c => c == 'x'));
    }

    [Fact]
    public async Task Two_people_compose_at_once()
    {
        await using var session = await Session.StartAsync(chromium, "ab");
        await session.Ada.PlaceAsync("Control+End");
        await session.Grace.PlaceAsync("Control+Home");
        var grace = await session.Grace.Page.Context.NewCDPSessionAsync(session.Grace.Page);
        await session.ComposeAsync("にほん");
        await Session.ComposeAsync(grace, "とうきょう");
        await session.CommitAsync(Word);
        await session.Ada.IsSavedAsync();
        await Session.CommitAsync(grace, "東京");

        await session.BothReadAsync("東京ab日本");
    }

    /// <summary>Two people at one document, the first with an input method.</summary>
    private sealed class Session(HostProcess host, EditorPage ada, EditorPage grace, ICDPSession input) : IAsyncDisposable
    {
        public EditorPage Ada => ada;

        public EditorPage Grace => grace;

        public static async Task<Session> StartAsync(Chromium chromium, string text)
        {
            var browser = chromium.Require();
            var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
            var url = await EditorPage.CreateAsync(browser, host.Url, "Composed");
            var ada = await EditorPage.OpenAsync(browser, url, person: "Ada");
            var grace = await EditorPage.OpenAsync(browser, url, person: "Grace");
            await ada.WriteAsync(text);
            await ada.IsSavedAsync();
            await grace.ReadsAsync(text.Split('\n'));
            return new Session(host, ada, grace, await ada.Page.Context.NewCDPSessionAsync(ada.Page));
        }

        public Task ComposeAsync(string text) => ComposeAsync(input, text);

        public Task CommitAsync(string text) => CommitAsync(input, text);

        public static Task ComposeAsync(ICDPSession input, string text) => input.SendAsync("Input.imeSetComposition", new Dictionary<string, object>
        {
            ["text"] = text,
            ["selectionStart"] = text.Length,
            ["selectionEnd"] = text.Length,
        });

        public static Task CommitAsync(ICDPSession input, string text) =>
            input.SendAsync("Input.insertText", new Dictionary<string, object> { ["text"] = text });

        public async Task BothReadAsync(params string[] lines)
        {
            await Ada.ReadsAsync(lines);
            await Grace.ReadsAsync(lines);
            await Ada.IsSavedAsync();
        }

        /// <summary>Waits until both have sent all and show the same.</summary>
        public async Task SameAsync()
        {
            await Ada.IsSavedAsync();
            await Grace.IsSavedAsync();
            await Expect(Grace.Text).ToHaveTextAsync(await Ada.Text.TextContentAsync() ?? "");
            await Expect(Ada.Text).ToHaveTextAsync(await Grace.Text.TextContentAsync() ?? "");
        }

        public ValueTask DisposeAsync() => host.DisposeAsync();
    }
}
