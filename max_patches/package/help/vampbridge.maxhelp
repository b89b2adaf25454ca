{
 "patcher": {
  "fileversion": 1,
  "appversion": {
   "major": 8,
   "minor": 5,
   "revision": 5,
   "architecture": "x64",
   "modernui": 1
  },
  "classnamespace": "box",
  "rect": [
   60.0,
   100.0,
   932.0,
   339.0
  ],
  "bglocked": 0,
  "openinpresentation": 1,
  "default_fontsize": 12.0,
  "default_fontface": 0,
  "default_fontname": "Arial",
  "gridonopen": 1,
  "gridsize": [
   15.0,
   15.0
  ],
  "gridsnaponopen": 1,
  "objectsnaponopen": 1,
  "statusbarvisible": 2,
  "toolbarvisible": 1,
  "lefttoolbarpinned": 0,
  "toptoolbarpinned": 0,
  "righttoolbarpinned": 0,
  "bottomtoolbarpinned": 0,
  "toolbars_unpinned_last_save": 0,
  "tallnewobj": 0,
  "boxanimatetime": 200,
  "enablehscroll": 1,
  "enablevscroll": 1,
  "devicewidth": 0.0,
  "description": "",
  "digest": "",
  "tags": "",
  "style": "",
  "subpatcher_template": "",
  "assistshowspatchername": 0,
  "boxes": [
   {
    "box": {
     "id": "obj-1",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      20.0,
      40.0,
      300.0,
      30.0
     ],
     "text": "vampbridge",
     "fontsize": 20.0,
     "fontface": 1,
     "presentation": 1,
     "presentation_rect": [
      10.0,
      8.0,
      300.0,
      30.0
     ],
     "outlettype": []
    }
   },
   {
    "box": {
     "id": "obj-2",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      336.0,
      40.0,
      600.0,
      20.0
     ],
     "text": "Play a loop, and hear it come back as a new variation of itself.",
     "presentation": 1,
     "presentation_rect": [
      10.0,
      40.0,
      600.0,
      20.0
     ],
     "outlettype": []
    }
   },
   {
    "box": {
     "id": "obj-3",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      952.0,
      40.0,
      700.0,
      20.0
     ],
     "text": "1  In a terminal, and leave it running: vampbridge serve --allow FOLDER",
     "presentation": 1,
     "presentation_rect": [
      10.0,
      64.0,
      700.0,
      20.0
     ],
     "outlettype": []
    }
   },
   {
    "box": {
     "id": "obj-4",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      1668.0,
      40.0,
      700.0,
      20.0
     ],
     "text": "2  Click Folder… and choose the same folder. The light turns green.",
     "presentation": 1,
     "presentation_rect": [
      10.0,
      83.0,
      700.0,
      20.0
     ],
     "outlettype": []
    }
   },
   {
    "box": {
     "id": "obj-5",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      2384.0,
      40.0,
      700.0,
      20.0
     ],
     "text": "3  Turn audio on. Click Record, play, click Record again: the loop plays.",
     "presentation": 1,
     "presentation_rect": [
      10.0,
      102.0,
      700.0,
      20.0
     ],
     "outlettype": []
    }
   },
   {
    "box": {
     "id": "obj-6",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      3100.0,
      40.0,
      700.0,
      20.0
     ],
     "text": "4  Click Vamp. Where the loop begins again, the variation takes over.",
     "presentation": 1,
     "presentation_rect": [
      10.0,
      121.0,
      700.0,
      20.0
     ],
     "outlettype": []
    }
   },
   {
    "box": {
     "id": "obj-7",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      3816.0,
      40.0,
      700.0,
      20.0
     ],
     "text": "What goes wrong is said at the bottom left, in the slot, and in the Max console.",
     "presentation": 1,
     "presentation_rect": [
      10.0,
      140.0,
      700.0,
      20.0
     ],
     "outlettype": []
    }
   },
   {
    "box": {
     "id": "obj-8",
     "maxclass": "bpatcher",
     "numinlets": 2,
     "numoutlets": 3,
     "patching_rect": [
      20.0,
      327.0,
      156.0,
      169.0
     ],
     "name": "vampbridge.link.maxpat",
     "embed": 0,
     "bgmode": 0,
     "border": 0,
     "clickthrough": 0,
     "enablehscroll": 0,
     "enablevscroll": 0,
     "lockeddragscroll": 0,
     "offset": [
      0.0,
      0.0
     ],
     "viewvisibility": 1,
     "presentation": 1,
     "presentation_rect": [
      0.0,
      170.0,
      156.0,
      169.0
     ],
     "outlettype": [
      "",
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-9",
     "maxclass": "bpatcher",
     "numinlets": 3,
     "numoutlets": 3,
     "patching_rect": [
      20.0,
      136.0,
      776.0,
      169.0
     ],
     "name": "vampbridge.slot.maxpat",
     "embed": 0,
     "bgmode": 0,
     "border": 0,
     "clickthrough": 0,
     "enablehscroll": 0,
     "enablevscroll": 0,
     "lockeddragscroll": 0,
     "offset": [
      0.0,
      0.0
     ],
     "viewvisibility": 1,
     "args": [
      1
     ],
     "presentation": 1,
     "presentation_rect": [
      156.0,
      170.0,
      776.0,
      169.0
     ],
     "outlettype": [
      "",
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-10",
     "maxclass": "ezdac~",
     "numinlets": 2,
     "numoutlets": 0,
     "patching_rect": [
      192.0,
      327.0,
      44.0,
      44.0
     ],
     "presentation": 1,
     "presentation_rect": [
      872.0,
      100.0,
      44.0,
      44.0
     ],
     "outlettype": []
    }
   },
   {
    "box": {
     "id": "obj-11",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      4532.0,
      40.0,
      57.0,
      22
     ],
     "outlettype": [
      "signal",
      "signal"
     ],
     "text": "adc~ 1 2"
    }
   },
   {
    "box": {
     "id": "obj-12",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 2,
     "patching_rect": [
      20.0,
      92.0,
      48.0,
      22
     ],
     "outlettype": [
      "",
      ""
     ],
     "text": "route 1"
    }
   },
   {
    "box": {
     "id": "obj-13",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 3,
     "patching_rect": [
      84.0,
      92.0,
      154.2,
      22
     ],
     "outlettype": [
      "",
      "",
      ""
     ],
     "saved_object_attributes": {
      "parameter_enable": 1,
      "parameter_mappable": 0
     },
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Folder",
       "parameter_shortname": "Folder",
       "parameter_type": 3,
       "parameter_invisible": 1
      }
     },
     "parameter_enable": 1,
     "varname": "folder",
     "text": "pattr folder @autorestore 1"
    }
   },
   {
    "box": {
     "id": "obj-14",
     "maxclass": "newobj",
     "numinlets": 5,
     "numoutlets": 5,
     "patching_rect": [
      812.0,
      136.0,
      151.3,
      22
     ],
     "outlettype": [
      "",
      "",
      "",
      "",
      ""
     ],
     "text": "route bang int float symbol"
    }
   }
  ],
  "lines": [
   {
    "patchline": {
     "source": [
      "obj-8",
      0
     ],
     "destination": [
      "obj-12",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-12",
      0
     ],
     "destination": [
      "obj-9",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-8",
      1
     ],
     "destination": [
      "obj-9",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-9",
      0
     ],
     "destination": [
      "obj-8",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-11",
      0
     ],
     "destination": [
      "obj-9",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-9",
      1
     ],
     "destination": [
      "obj-10",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-11",
      1
     ],
     "destination": [
      "obj-9",
      2
     ],
     "order": 1
    }
   },
   {
    "patchline": {
     "source": [
      "obj-9",
      2
     ],
     "destination": [
      "obj-10",
      1
     ],
     "order": 1
    }
   },
   {
    "patchline": {
     "source": [
      "obj-8",
      2
     ],
     "destination": [
      "obj-13",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-13",
      0
     ],
     "destination": [
      "obj-14",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-14",
      3
     ],
     "destination": [
      "obj-8",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-14",
      4
     ],
     "destination": [
      "obj-8",
      1
     ],
     "order": 1
    }
   }
  ],
  "dependency_cache": [],
  "autosave": 0
 }
}
