using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Starling.Messaging.Tests.Calls;

/// <summary>Values arrive whole over every link, or their types are refused over every link.</summary>
public sealed class WholeDataTests
{
    public interface IShapes
    {
        Task<(string Name, int Count)> SwapAsync((int Count, string Name) pair);

        Task<Vector3> NegateAsync(Vector3 vector);

        Task<Dictionary<string, List<Mixed?>>> NestAsync(Mixed value);

        Task<KeyValuePair<string, Place>> PairAsync(Place place);
    }

    public interface IComplex
    {
        Task<Complex> AddAsync(Complex left, Complex right);
    }

    public interface IReadOnlyStructure
    {
        Task SendAsync(List<Unset?> values);
    }

    public static TheoryData<string> Links => RunningService.Links;

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Tuples_and_structures_with_fields_arrive_whole(string link)
    {
        await using var service = await RunningService.StartAsync(link, more: services => services.Add<IShapes>(new Shapes()).Add("both", (int left, int right) => (left, right)));
        var proxy = service.Client.GetService<IShapes>();
        Assert.Equal(("a", 3), await proxy.SwapAsync((3, "a")));
        Assert.Equal(new Vector3(-1, -2, -3.5f), await proxy.NegateAsync(new Vector3(1, 2, 3.5f)));
        var value = new Mixed { Field = 5, Property = "p", Inner = (1.5, Guid.Parse("6f9619ff-8b86-d011-b42d-00c04fc964ff")) };
        Assert.Equal([value, null], (await proxy.NestAsync(value))["both"]);
        Assert.Equal(KeyValuePair.Create("here", new Place(2, 3)), await proxy.PairAsync(new Place(2, 3)));
        Assert.Equal((4, 7), await service.Client.InvokeAsync<(int, int)>("both", [4, 7], cancellationToken: TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("inproc")]
    [InlineData("unix")]
    public async Task Types_that_the_options_would_carry_in_part_are_refused_by_both_sides(string link)
    {
        var options = new MessagingOptions { JsonSerializerOptions = new JsonSerializerOptions(JsonSerializerDefaults.Web) };
        var failure = Assert.Throws<ArgumentException>(() => new RpcServer(new RpcServices().Add<IShapes>(new Shapes()), options));
        Assert.Contains("Item1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("IncludeFields", failure.Message, StringComparison.Ordinal);
        await using var service = await RunningService.StartAsync(link, settings => settings.JsonSerializerOptions = options.JsonSerializerOptions);
        Assert.Throws<ArgumentException>(() => service.Client.GetService<IShapes>());
        await Assert.ThrowsAsync<ArgumentException>(() => service.Client.InvokeAsync<Vector3>("add", [1, 2], null, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("inproc")]
    [InlineData("unix")]
    public async Task Structures_that_cannot_be_set_are_refused_by_both_sides(string link)
    {
        Assert.Contains("Complex", Assert.Throws<ArgumentException>(() => new RpcServer(new RpcServices().Add(_ => (IComplex)null!))).Message, StringComparison.Ordinal);
        var failure = Assert.Throws<ArgumentException>(() => new RpcServer(new RpcServices().Add(_ => (IReadOnlyStructure)null!)));
        Assert.Contains("Unset", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Value", failure.Message, StringComparison.Ordinal);
        await using var service = await RunningService.StartAsync(link);
        Assert.Throws<ArgumentException>(() => service.Client.GetService<IComplex>());
        Assert.Throws<ArgumentException>(() => service.Client.GetService<IReadOnlyStructure>());
    }

    [SuppressMessage("Design", "CA1051:Do not declare visible instance fields", Justification = "They are what is sent.")]
    public struct Mixed
    {
        public int Field;

        [JsonIgnore]
        public int Unsent;

        public string? Property { get; set; }

        public (double Share, Guid Id) Inner { get; set; }

        public readonly int Computed => Field + 1;
    }

    public readonly struct Unset(int value)
    {
        public int Value { get; } = value;
    }

    [method: JsonConstructor]
    public readonly struct Place(int x, int y)
    {
        public int X { get; } = x;

        public int Y { get; } = y;
    }

    private sealed class Shapes : IShapes
    {
        public Task<(string Name, int Count)> SwapAsync((int Count, string Name) pair) => Task.FromResult((pair.Name, pair.Count));

        public Task<Vector3> NegateAsync(Vector3 vector) => Task.FromResult(-vector);

        public Task<Dictionary<string, List<Mixed?>>> NestAsync(Mixed value) =>
            Task.FromResult(new Dictionary<string, List<Mixed?>> { ["both"] = [value, null] });

        public Task<KeyValuePair<string, Place>> PairAsync(Place place) => Task.FromResult(KeyValuePair.Create("here", place));
    }
}
