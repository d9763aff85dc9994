namespace Starling.Supervisor.Tests;

public sealed class SupervisorFolderTests
{
    [Fact]
    public void A_folder_that_cannot_be_made_is_named_with_what_chooses_another()
    {
        using var scratch = new ScratchFolder();
        scratch.File("file");
        var failure = Assert.Throws<IOException>(() => new SupervisorFolder(scratch.Combine("file/home")));
        Assert.StartsWith($"The supervisor's folder {scratch.Combine("file/home")} cannot be made: ", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("Choose another one by STARLING_HOME.", failure.Message, StringComparison.Ordinal);
    }
}
