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
   776.0,
   169.0
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
     "maxclass": "inlet",
     "numinlets": 0,
     "numoutlets": 1,
     "patching_rect": [
      20.0,
      40.0,
      30,
      30
     ],
     "comment": "from the link: port, folder, online, mask, progress, done, error",
     "index": 0,
     "outlettype": [
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-2",
     "maxclass": "inlet",
     "numinlets": 0,
     "numoutlets": 1,
     "patching_rect": [
      66.0,
      40.0,
      30,
      30
     ],
     "comment": "left (signal)",
     "index": 0,
     "outlettype": [
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-3",
     "maxclass": "inlet",
     "numinlets": 0,
     "numoutlets": 1,
     "patching_rect": [
      112.0,
      40.0,
      30,
      30
     ],
     "comment": "right (signal)",
     "index": 0,
     "outlettype": [
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-4",
     "maxclass": "outlet",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      20.0,
      1316.0,
      30,
      30
     ],
     "comment": "OSC messages to the link",
     "index": 0,
     "outlettype": []
    }
   },
   {
    "box": {
     "id": "obj-5",
     "maxclass": "outlet",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      66.0,
      1316.0,
      30,
      30
     ],
     "comment": "left (signal)",
     "index": 0,
     "outlettype": []
    }
   },
   {
    "box": {
     "id": "obj-6",
     "maxclass": "outlet",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      112.0,
      1316.0,
      30,
      30
     ],
     "comment": "right (signal)",
     "index": 0,
     "outlettype": []
    }
   },
   {
    "box": {
     "id": "obj-7",
     "maxclass": "panel",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      158.0,
      40.0,
      776.0,
      168.0
     ],
     "bgcolor": [
      0.86,
      0.87,
      0.88,
      1.0
     ],
     "rounded": 0,
     "mode": 0,
     "background": 1,
     "presentation": 1,
     "presentation_rect": [
      0.0,
      0.0,
      776.0,
      168.0
     ],
     "outlettype": []
    }
   },
   {
    "box": {
     "id": "obj-8",
     "maxclass": "waveform~",
     "numinlets": 5,
     "numoutlets": 6,
     "patching_rect": [
      20.0,
      1002.0,
      224.0,
      62.0
     ],
     "buffername": "#0-file",
     "labels": 0,
     "ignoreclick": 1,
     "setmode": 0,
     "bgcolor": [
      0.16,
      0.17,
      0.19,
      1.0
     ],
     "waveformcolor": [
      0.45,
      0.8,
      0.95,
      1.0
     ],
     "vticks": 0,
     "ticks": 0,
     "presentation": 1,
     "presentation_rect": [
      8.0,
      8.0,
      224.0,
      62.0
     ],
     "outlettype": [
      "",
      "",
      "",
      "",
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-9",
     "maxclass": "multislider",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      20.0,
      1218.0,
      224.0,
      7.0
     ],
     "setminmax": [
      0.0,
      1.0
     ],
     "size": 1,
     "orientation": 0,
     "ignoreclick": 1,
     "setstyle": 1,
     "hint": "How far the variation is.",
     "annotation": "How far the variation is.",
     "bgcolor": [
      0.16,
      0.17,
      0.19,
      1.0
     ],
     "slidercolor": [
      0.45,
      0.8,
      0.95,
      1.0
     ],
     "presentation": 1,
     "presentation_rect": [
      8.0,
      73.0,
      224.0,
      7.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-10",
     "maxclass": "umenu",
     "numinlets": 1,
     "numoutlets": 3,
     "patching_rect": [
      20.0,
      230.0,
      56.0,
      18.0
     ],
     "items": [
      "loop"
     ],
     "fontsize": 9.5,
     "hint": "The loop and its takes: choose what is heard from the next seam on.",
     "annotation": "The loop and its takes: choose what is heard from the next seam on.",
     "presentation": 1,
     "presentation_rect": [
      176.0,
      108.0,
      56.0,
      18.0
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
     "id": "obj-11",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      260.0,
      1218.0,
      224.0,
      32.0
     ],
     "text": "Record a loop",
     "fontsize": 10.0,
     "linecount": 2,
     "textcolor": [
      0.16,
      0.17,
      0.19,
      1.0
     ],
     "presentation": 1,
     "presentation_rect": [
      8.0,
      132.0,
      224.0,
      32.0
     ],
     "outlettype": []
    }
   },
   {
    "box": {
     "id": "obj-12",
     "maxclass": "live.text",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      20.0,
      474.0,
      72.0,
      20.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Record",
     "annotation": "Record a loop; again closes it and plays it. Waits for the beat or bar.",
     "hint": "Record a loop; again closes it and plays it. Waits for the beat or bar.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Record",
       "parameter_shortname": "Record",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        0.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 2,
       "parameter_enum": [
        "off",
        "on"
       ],
       "parameter_mmin": 0,
       "parameter_mmax": 1
      }
     },
     "mode": 1,
     "text": "Record",
     "texton": "Record",
     "fontsize": 10.0,
     "varname": "record",
     "presentation": 1,
     "presentation_rect": [
      8.0,
      84.0,
      72.0,
      20.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-13",
     "maxclass": "live.text",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      950.0,
      40.0,
      72.0,
      20.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Vamp",
     "annotation": "Ask for a new variation: it takes over where the loop begins again.",
     "hint": "Ask for a new variation: it takes over where the loop begins again.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Vamp",
       "parameter_shortname": "Vamp",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        0.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 2,
       "parameter_enum": [
        "off",
        "on"
       ],
       "parameter_mmin": 0,
       "parameter_mmax": 1
      }
     },
     "mode": 0,
     "text": "Vamp",
     "texton": "Vamp",
     "fontsize": 10.0,
     "varname": "vamp",
     "presentation": 1,
     "presentation_rect": [
      84.0,
      84.0,
      72.0,
      20.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-14",
     "maxclass": "live.text",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      20.0,
      360.0,
      72.0,
      20.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Auto",
     "annotation": "Ask for the next variation as soon as one is heard.",
     "hint": "Ask for the next variation as soon as one is heard.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Auto",
       "parameter_shortname": "Auto",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        0.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 2,
       "parameter_enum": [
        "off",
        "on"
       ],
       "parameter_mmin": 0,
       "parameter_mmax": 1
      }
     },
     "mode": 1,
     "text": "Auto",
     "texton": "Auto",
     "fontsize": 10.0,
     "varname": "auto",
     "presentation": 1,
     "presentation_rect": [
      160.0,
      84.0,
      72.0,
      20.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-15",
     "maxclass": "live.text",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      1038.0,
      40.0,
      52.0,
      18.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Undo",
     "annotation": "Back to what was heard before, at the seam.",
     "hint": "Back to what was heard before, at the seam.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Undo",
       "parameter_shortname": "Undo",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        0.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 2,
       "parameter_enum": [
        "off",
        "on"
       ],
       "parameter_mmin": 0,
       "parameter_mmax": 1
      }
     },
     "mode": 0,
     "text": "Undo",
     "texton": "Undo",
     "fontsize": 10.0,
     "varname": "undo",
     "presentation": 1,
     "presentation_rect": [
      8.0,
      108.0,
      52.0,
      18.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-16",
     "maxclass": "live.text",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      1106.0,
      40.0,
      52.0,
      18.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Mute",
     "annotation": "Silence this slot; the loop goes on.",
     "hint": "Silence this slot; the loop goes on.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Mute",
       "parameter_shortname": "Mute",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        0.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 2,
       "parameter_enum": [
        "off",
        "on"
       ],
       "parameter_mmin": 0,
       "parameter_mmax": 1
      }
     },
     "mode": 1,
     "text": "Mute",
     "texton": "Mute",
     "fontsize": 10.0,
     "varname": "mute",
     "presentation": 1,
     "presentation_rect": [
      64.0,
      108.0,
      52.0,
      18.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-17",
     "maxclass": "live.text",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      1174.0,
      40.0,
      52.0,
      18.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Clear",
     "annotation": "Forget the loop and its takes. Their files stay.",
     "hint": "Forget the loop and its takes. Their files stay.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Clear",
       "parameter_shortname": "Clear",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        0.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 2,
       "parameter_enum": [
        "off",
        "on"
       ],
       "parameter_mmin": 0,
       "parameter_mmax": 1
      }
     },
     "mode": 0,
     "text": "Clear",
     "texton": "Clear",
     "fontsize": 10.0,
     "varname": "clear",
     "presentation": 1,
     "presentation_rect": [
      120.0,
      108.0,
      52.0,
      18.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-18",
     "maxclass": "live.text",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      1242.0,
      40.0,
      78.0,
      18.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Keep seed",
     "annotation": "Make the next take with the seed of the last one.",
     "hint": "Make the next take with the seed of the last one.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Keep seed",
       "parameter_shortname": "Keep seed",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        0.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 2,
       "parameter_enum": [
        "off",
        "on"
       ],
       "parameter_mmin": 0,
       "parameter_mmax": 1
      }
     },
     "mode": 1,
     "text": "Keep seed",
     "texton": "Keep seed",
     "fontsize": 10.0,
     "varname": "keep_seed",
     "presentation": 1,
     "presentation_rect": [
      690.0,
      122.0,
      78.0,
      18.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-19",
     "maxclass": "live.text",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      1336.0,
      40.0,
      78.0,
      18.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Draw",
     "annotation": "Let the grid decide what is varied. Click into it: lit cells are varied.",
     "hint": "Let the grid decide what is varied. Click into it: lit cells are varied.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Draw",
       "parameter_shortname": "Draw",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        0.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 2,
       "parameter_enum": [
        "off",
        "on"
       ],
       "parameter_mmin": 0,
       "parameter_mmax": 1
      }
     },
     "mode": 1,
     "text": "Draw",
     "texton": "Draw",
     "fontsize": 10.0,
     "varname": "draw",
     "presentation": 1,
     "presentation_rect": [
      606.0,
      122.0,
      78.0,
      18.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-20",
     "maxclass": "live.tab",
     "numinlets": 1,
     "numoutlets": 3,
     "patching_rect": [
      1430.0,
      40.0,
      150.0,
      18.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Preset",
     "annotation": "faithful: Close to what you played: four fifths of it stay, short moments are played anew. balanced: A little more than half stays, the rest is played anew. wild: A third stays, and longer stretches are played anew; expect surprises.",
     "hint": "faithful: Close to what you played: four fifths of it stay, short moments are played anew. balanced: A little more than half stays, the rest is played anew. wild: A third stays, and longer stretches are played anew; expect surprises.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Preset",
       "parameter_shortname": "Preset",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        1.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 2,
       "parameter_enum": [
        "faithful",
        "balanced",
        "wild"
       ],
       "parameter_mmin": 0,
       "parameter_mmax": 2
      }
     },
     "num_lines_patching": 1,
     "num_lines_presentation": 1,
     "fontsize": 9.5,
     "varname": "preset",
     "presentation": 1,
     "presentation_rect": [
      240.0,
      8.0,
      150.0,
      18.0
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
     "id": "obj-21",
     "maxclass": "live.tab",
     "numinlets": 1,
     "numoutlets": 3,
     "patching_rect": [
      1596.0,
      40.0,
      106.0,
      18.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Quantise",
     "annotation": "Record waits for the beat or bar while the transport runs; the loop is then whole beats or bars long.",
     "hint": "Record waits for the beat or bar while the transport runs; the loop is then whole beats or bars long.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Quantise",
       "parameter_shortname": "Quantise",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        2.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 2,
       "parameter_enum": [
        "off",
        "beat",
        "bar"
       ],
       "parameter_mmin": 0,
       "parameter_mmax": 2
      }
     },
     "num_lines_patching": 1,
     "num_lines_presentation": 1,
     "fontsize": 9.5,
     "varname": "quantise",
     "presentation": 1,
     "presentation_rect": [
      396.0,
      8.0,
      106.0,
      18.0
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
     "id": "obj-22",
     "maxclass": "live.tab",
     "numinlets": 1,
     "numoutlets": 3,
     "patching_rect": [
      1718.0,
      40.0,
      88.0,
      18.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Source",
     "annotation": "What is varied: the loop as it was played in, or the take that is heard.",
     "hint": "What is varied: the loop as it was played in, or the take that is heard.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Source",
       "parameter_shortname": "Source",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        0.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 2,
       "parameter_enum": [
        "loop",
        "take"
       ],
       "parameter_mmin": 0,
       "parameter_mmax": 1
      }
     },
     "num_lines_patching": 1,
     "num_lines_presentation": 1,
     "fontsize": 9.5,
     "varname": "source",
     "presentation": 1,
     "presentation_rect": [
      508.0,
      8.0,
      88.0,
      18.0
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
     "id": "obj-23",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      1822.0,
      40.0,
      150.0,
      16.0
     ],
     "text": "Preset",
     "fontsize": 9.0,
     "textjustification": 1,
     "textcolor": [
      0.16,
      0.17,
      0.19,
      1.0
     ],
     "presentation": 1,
     "presentation_rect": [
      240.0,
      27.0,
      150.0,
      16.0
     ],
     "outlettype": []
    }
   },
   {
    "box": {
     "id": "obj-24",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      1988.0,
      40.0,
      106.0,
      16.0
     ],
     "text": "Record waits for",
     "fontsize": 9.0,
     "textjustification": 1,
     "textcolor": [
      0.16,
      0.17,
      0.19,
      1.0
     ],
     "presentation": 1,
     "presentation_rect": [
      396.0,
      27.0,
      106.0,
      16.0
     ],
     "outlettype": []
    }
   },
   {
    "box": {
     "id": "obj-25",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      2110.0,
      40.0,
      88.0,
      16.0
     ],
     "text": "Vary",
     "fontsize": 9.0,
     "textjustification": 1,
     "textcolor": [
      0.16,
      0.17,
      0.19,
      1.0
     ],
     "presentation": 1,
     "presentation_rect": [
      508.0,
      27.0,
      88.0,
      16.0
     ],
     "outlettype": []
    }
   },
   {
    "box": {
     "id": "obj-26",
     "maxclass": "live.dial",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      108.0,
      360.0,
      44.0,
      48.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Period",
     "annotation": "Keep every P-th frame as the rhythm of the prompt; 1 keeps all frames, 0 switches it off. A whole number from 0 to 128 frames.",
     "hint": "Keep every P-th frame as the rhythm of the prompt; 1 keeps all frames, 0 switches it off. A whole number from 0 to 128 frames.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Period",
       "parameter_shortname": "Period",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        48.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 1,
       "parameter_mmin": 0.0,
       "parameter_mmax": 128.0,
       "parameter_unitstyle": 9,
       "parameter_units": "%d fr"
      }
     },
     "varname": "period",
     "presentation": 1,
     "presentation_rect": [
      240.0,
      46.0,
      44.0,
      48.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-27",
     "maxclass": "live.dial",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      168.0,
      360.0,
      44.0,
      48.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Period width",
     "annotation": "How many frames are kept round each periodic frame; as large as period, it keeps all. A whole number from 1 to 64 frames.",
     "hint": "How many frames are kept round each periodic frame; as large as period, it keeps all. A whole number from 1 to 64 frames.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Period width",
       "parameter_shortname": "Width",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        28.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 1,
       "parameter_mmin": 1.0,
       "parameter_mmax": 64.0,
       "parameter_unitstyle": 9,
       "parameter_units": "%d fr"
      }
     },
     "varname": "period_width",
     "presentation": 1,
     "presentation_rect": [
      285.0,
      46.0,
      44.0,
      48.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-28",
     "maxclass": "live.dial",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      228.0,
      360.0,
      44.0,
      48.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Period offset",
     "annotation": "Shifts the periodic frames later; a period further they meet the next ones. A whole number from 0 to 127 frames.",
     "hint": "Shifts the periodic frames later; a period further they meet the next ones. A whole number from 0 to 127 frames.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Period offset",
       "parameter_shortname": "Offset",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        0.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 1,
       "parameter_mmin": 0.0,
       "parameter_mmax": 127.0,
       "parameter_unitstyle": 9,
       "parameter_units": "%d fr"
      }
     },
     "varname": "period_offset",
     "presentation": 1,
     "presentation_rect": [
      330.0,
      46.0,
      44.0,
      48.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-29",
     "maxclass": "live.dial",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      288.0,
      360.0,
      44.0,
      48.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Codebooks kept",
     "annotation": "Codebooks that may be kept, from the coarsest; the finer ones are always redrawn. A whole number from 0 to 64 codebooks.",
     "hint": "Codebooks that may be kept, from the coarsest; the finer ones are always redrawn. A whole number from 0 to 64 codebooks.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Codebooks kept",
       "parameter_shortname": "Codebooks",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        14.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 1,
       "parameter_mmin": 0.0,
       "parameter_mmax": 64.0,
       "parameter_unitstyle": 9,
       "parameter_units": "%d cb"
      }
     },
     "varname": "codebooks_kept",
     "presentation": 1,
     "presentation_rect": [
      375.0,
      46.0,
      44.0,
      48.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-30",
     "maxclass": "live.dial",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      348.0,
      360.0,
      44.0,
      48.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Random keep",
     "annotation": "Keep this share of all tokens, drawn at random; 0 is off. A share from 0 to 1.",
     "hint": "Keep this share of all tokens, drawn at random; 0 is off. A share from 0 to 1.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Random keep",
       "parameter_shortname": "Random",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        0.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 0,
       "parameter_mmin": 0.0,
       "parameter_mmax": 1.0,
       "parameter_unitstyle": 1
      }
     },
     "varname": "random_keep",
     "presentation": 1,
     "presentation_rect": [
      420.0,
      46.0,
      44.0,
      48.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-31",
     "maxclass": "live.dial",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      408.0,
      360.0,
      44.0,
      48.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Onset width",
     "annotation": "Keep this many frames round every onset (attack); 0 is off. A whole number from 0 to 64 frames.",
     "hint": "Keep this many frames round every onset (attack); 0 is off. A whole number from 0 to 64 frames.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Onset width",
       "parameter_shortname": "Onsets",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        0.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 1,
       "parameter_mmin": 0.0,
       "parameter_mmax": 64.0,
       "parameter_unitstyle": 9,
       "parameter_units": "%d fr"
      }
     },
     "varname": "onset_width",
     "presentation": 1,
     "presentation_rect": [
      465.0,
      46.0,
      44.0,
      48.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-32",
     "maxclass": "live.dial",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      468.0,
      360.0,
      44.0,
      48.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Dropout",
     "annotation": "Forget this share of the kept tokens again, at random. A share from 0 to 1.",
     "hint": "Forget this share of the kept tokens again, at random. A share from 0 to 1.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Dropout",
       "parameter_shortname": "Dropout",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        0.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 0,
       "parameter_mmin": 0.0,
       "parameter_mmax": 1.0,
       "parameter_unitstyle": 1
      }
     },
     "varname": "dropout",
     "presentation": 1,
     "presentation_rect": [
      510.0,
      46.0,
      44.0,
      48.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-33",
     "maxclass": "live.dial",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      528.0,
      360.0,
      44.0,
      48.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Temperature",
     "annotation": "How adventurous each token is drawn; 0 always takes the likeliest. A number from 0 to 5.",
     "hint": "How adventurous each token is drawn; 0 always takes the likeliest. A number from 0 to 5.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Temperature",
       "parameter_shortname": "Temp",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        0.7
       ],
       "parameter_linknames": 0,
       "parameter_type": 0,
       "parameter_mmin": 0.0,
       "parameter_mmax": 5.0,
       "parameter_unitstyle": 1
      }
     },
     "varname": "temperature",
     "presentation": 1,
     "presentation_rect": [
      240.0,
      106.0,
      44.0,
      48.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-34",
     "maxclass": "live.dial",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      588.0,
      360.0,
      44.0,
      48.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Mask temperature",
     "annotation": "Randomness in the order in which tokens are settled; 0 settles the surest first. A number from 0 to 100.",
     "hint": "Randomness in the order in which tokens are settled; 0 settles the surest first. A number from 0 to 100.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Mask temperature",
       "parameter_shortname": "Mask temp",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        10.5
       ],
       "parameter_linknames": 0,
       "parameter_type": 0,
       "parameter_mmin": 0.0,
       "parameter_mmax": 100.0,
       "parameter_unitstyle": 1
      }
     },
     "varname": "mask_temperature",
     "presentation": 1,
     "presentation_rect": [
      285.0,
      106.0,
      44.0,
      48.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-35",
     "maxclass": "live.dial",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      648.0,
      360.0,
      44.0,
      48.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Top p",
     "annotation": "Draw only from the likeliest tokens of this mass; 1 is off. A share from 0.01 to 1.",
     "hint": "Draw only from the likeliest tokens of this mass; 1 is off. A share from 0.01 to 1.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Top p",
       "parameter_shortname": "Top p",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        1.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 0,
       "parameter_mmin": 0.01,
       "parameter_mmax": 1.0,
       "parameter_unitstyle": 1
      }
     },
     "varname": "top_p",
     "presentation": 1,
     "presentation_rect": [
      330.0,
      106.0,
      44.0,
      48.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-36",
     "maxclass": "live.dial",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      708.0,
      360.0,
      44.0,
      48.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Coarse passes",
     "annotation": "Passes of the coarse model; more passes cohere better. A whole number from 1 to 64 passes.",
     "hint": "Passes of the coarse model; more passes cohere better. A whole number from 1 to 64 passes.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Coarse passes",
       "parameter_shortname": "Coarse",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        12.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 1,
       "parameter_mmin": 1.0,
       "parameter_mmax": 64.0,
       "parameter_unitstyle": 9,
       "parameter_units": "%d ×"
      }
     },
     "varname": "coarse_passes",
     "presentation": 1,
     "presentation_rect": [
      375.0,
      106.0,
      44.0,
      48.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-37",
     "maxclass": "live.dial",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      768.0,
      360.0,
      44.0,
      48.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Fine passes",
     "annotation": "Passes of the fine model. A whole number from 1 to 64 passes.",
     "hint": "Passes of the fine model. A whole number from 1 to 64 passes.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Fine passes",
       "parameter_shortname": "Fine",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        2.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 1,
       "parameter_mmin": 1.0,
       "parameter_mmax": 64.0,
       "parameter_unitstyle": 9,
       "parameter_units": "%d ×"
      }
     },
     "varname": "fine_passes",
     "presentation": 1,
     "presentation_rect": [
      420.0,
      106.0,
      44.0,
      48.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-38",
     "maxclass": "live.dial",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      828.0,
      360.0,
      44.0,
      48.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Feedback",
     "annotation": "Vamp the vamp this many times. A whole number from 1 to 64 rounds.",
     "hint": "Vamp the vamp this many times. A whole number from 1 to 64 rounds.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Feedback",
       "parameter_shortname": "Feedback",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        1.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 1,
       "parameter_mmin": 1.0,
       "parameter_mmax": 64.0,
       "parameter_unitstyle": 9,
       "parameter_units": "%d ×"
      }
     },
     "varname": "feedback",
     "presentation": 1,
     "presentation_rect": [
      465.0,
      106.0,
      44.0,
      48.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-39",
     "maxclass": "live.dial",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      888.0,
      360.0,
      44.0,
      48.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Beat after ms",
     "annotation": "Keep this much from every beat on; 0, with beat_before_ms 0 too, is off. A number from 0 to 1000 ms.",
     "hint": "Keep this much from every beat on; 0, with beat_before_ms 0 too, is off. A number from 0 to 1000 ms.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Beat after ms",
       "parameter_shortname": "Beats",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        0.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 0,
       "parameter_mmin": 0.0,
       "parameter_mmax": 1000.0,
       "parameter_unitstyle": 2
      }
     },
     "varname": "beat_after_ms",
     "presentation": 1,
     "presentation_rect": [
      510.0,
      106.0,
      44.0,
      48.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-40",
     "maxclass": "live.dial",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      948.0,
      360.0,
      44.0,
      48.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Level",
     "annotation": "How loud the slot is.",
     "hint": "How loud the slot is.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Level",
       "parameter_shortname": "Level",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        100.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 0,
       "parameter_mmin": 0.0,
       "parameter_mmax": 100.0,
       "parameter_unitstyle": 5
      }
     },
     "varname": "level",
     "presentation": 1,
     "presentation_rect": [
      555.0,
      46.0,
      44.0,
      48.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-41",
     "maxclass": "live.dial",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      2214.0,
      40.0,
      44.0,
      48.0
     ],
     "parameter_enable": 1,
     "annotation_name": "Dry",
     "annotation": "How much of what comes in goes straight out.",
     "hint": "How much of what comes in goes straight out.",
     "saved_attribute_attributes": {
      "valueof": {
       "parameter_longname": "Dry",
       "parameter_shortname": "Dry",
       "parameter_initial_enable": 1,
       "parameter_initial": [
        0.0
       ],
       "parameter_linknames": 0,
       "parameter_type": 0,
       "parameter_mmin": 0.0,
       "parameter_mmax": 100.0,
       "parameter_unitstyle": 5
      }
     },
     "varname": "dry",
     "presentation": 1,
     "presentation_rect": [
      555.0,
      106.0,
      44.0,
      48.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-42",
     "maxclass": "matrixctrl",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      92.0,
      230.0,
      162.0,
      108.0
     ],
     "rows": 14,
     "columns": 32,
     "range": 2,
     "hint": "Lit cells are played anew: time from left to right, codebooks from coarse to fine downwards.",
     "annotation": "Lit cells are played anew: time from left to right, codebooks from coarse to fine downwards.",
     "bgcolor": [
      0.16,
      0.17,
      0.19,
      1.0
     ],
     "color": [
      0.98,
      0.72,
      0.25,
      1.0
     ],
     "elementcolor": [
      0.26,
      0.28,
      0.31,
      1.0
     ],
     "horizontalspacing": 0,
     "verticalspacing": 0,
     "horizontalmargin": 0,
     "verticalmargin": 0,
     "invisiblebkgnd": 0,
     "parameter_enable": 0,
     "presentation": 1,
     "presentation_rect": [
      606.0,
      8.0,
      162.0,
      108.0
     ],
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-43",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      2274.0,
      40.0,
      162.0,
      18.0
     ],
     "text": "Mask: lit is played anew",
     "fontsize": 9.5,
     "textcolor": [
      0.16,
      0.17,
      0.19,
      1.0
     ],
     "presentation": 1,
     "presentation_rect": [
      606.0,
      144.0,
      162.0,
      18.0
     ],
     "outlettype": []
    }
   },
   {
    "box": {
     "id": "obj-44",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 4,
     "patching_rect": [
      20.0,
      562.0,
      60.0,
      22
     ],
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
       990.3,
       780.0
      ],
      "bglocked": 0,
      "openinpresentation": 0,
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
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          40.0,
          30,
          30
         ],
         "comment": "record: 1 or 0",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          66.0,
          40.0,
          30,
          30
         ],
         "comment": "0 off, 1 beat, 2 bar",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          708.0,
          30,
          30
         ],
         "comment": "the same, when it is time",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          66.0,
          708.0,
          30,
          30
         ],
         "comment": "length of a beat or bar in ms; 0 without a grid",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          112.0,
          708.0,
          30,
          30
         ],
         "comment": "tempo in bpm; 0 without a grid",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          158.0,
          708.0,
          30,
          30
         ],
         "comment": "bang while something waits for the grid",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          92.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t i b"
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 9,
         "patching_rect": [
          20.0,
          136.0,
          135.0,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          "",
          "",
          "",
          "",
          "",
          ""
         ],
         "text": "transport"
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          112.0,
          40.0,
          121.5,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "metro 100 @active 1"
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 3,
         "patching_rect": [
          20.0,
          180.0,
          45.0,
          22
         ],
         "outlettype": [
          "",
          "",
          ""
         ],
         "text": "t i i i"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          356.0,
          109.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "expr $i1 * ($i2 > 0)"
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 3,
         "patching_rect": [
          66.0,
          92.0,
          45.0,
          22
         ],
         "outlettype": [
          "",
          "",
          ""
         ],
         "text": "t i b i"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          312.0,
          30.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "int"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          488.0,
          54.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "gate 2 1"
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          400.0,
          30.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "> 0"
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          444.0,
          30.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "+ 1"
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 3,
         "patching_rect": [
          20.0,
          224.0,
          50.0,
          22
         ],
         "outlettype": [
          "",
          "",
          ""
         ],
         "text": "change"
        }
       },
       {
        "box": {
         "id": "obj-18",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          268.0,
          28.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "t b"
        }
       },
       {
        "box": {
         "id": "obj-19",
         "maxclass": "newobj",
         "numinlets": 4,
         "numoutlets": 1,
         "patching_rect": [
          66.0,
          400.0,
          420.5,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "expr (($i1 == 1) + ($i1 == 2) * $f3 * 4. / max($f4\\, 1.)) * 60000. / max($f2\\, 20.)"
        }
       },
       {
        "box": {
         "id": "obj-20",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          81.0,
          180.0,
          69.3,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "unpack 4 4"
        }
       },
       {
        "box": {
         "id": "obj-21",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          249.5,
          40.0,
          85.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "loadmess 120"
        }
       },
       {
        "box": {
         "id": "obj-22",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          350.8,
          40.0,
          72.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "loadmess 4"
        }
       },
       {
        "box": {
         "id": "obj-23",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          438.8,
          40.0,
          72.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "loadmess 4"
        }
       },
       {
        "box": {
         "id": "obj-24",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          502.5,
          400.0,
          109.6,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "expr ($i1 > 0) * $f2"
        }
       },
       {
        "box": {
         "id": "obj-25",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          664.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t i b"
        }
       },
       {
        "box": {
         "id": "obj-26",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 3,
         "patching_rect": [
          20.0,
          532.0,
          45.0,
          22
         ],
         "outlettype": [
          "",
          "",
          ""
         ],
         "text": "t b i b"
        }
       },
       {
        "box": {
         "id": "obj-27",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          620.0,
          30.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "int"
        }
       },
       {
        "box": {
         "id": "obj-28",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          576.0,
          57.3,
          22
         ],
         "outlettype": [
          "bang",
          "bang"
         ],
         "text": "onebang"
        }
       },
       {
        "box": {
         "id": "obj-29",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          526.8,
          40.0,
          192.4,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "metro 4n @quantize 4n @active 1"
        }
       },
       {
        "box": {
         "id": "obj-30",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          171.0,
          136.0,
          34.6,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "== 1"
        }
       },
       {
        "box": {
         "id": "obj-31",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          166.3,
          180.0,
          34.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "gate"
        }
       },
       {
        "box": {
         "id": "obj-32",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          735.1999999999999,
          40.0,
          219.1,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "metro 1.0.0 @quantize 1.0.0 @active 1"
        }
       },
       {
        "box": {
         "id": "obj-33",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          221.6,
          136.0,
          34.6,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "== 2"
        }
       },
       {
        "box": {
         "id": "obj-34",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          216.3,
          180.0,
          34.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "gate"
        }
       },
       {
        "box": {
         "id": "obj-35",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          64.0,
          268.0,
          35.9,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "sel 0"
        }
       },
       {
        "box": {
         "id": "obj-36",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 3,
         "patching_rect": [
          86.0,
          224.0,
          50.0,
          22
         ],
         "outlettype": [
          "",
          "",
          ""
         ],
         "text": "change"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-1",
          0
         ],
         "destination": [
          "obj-7",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          1
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
          "obj-8",
          6
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
          "obj-10",
          2
         ],
         "destination": [
          "obj-11",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-2",
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
          2
         ],
         "destination": [
          "obj-13",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-12",
          1
         ],
         "destination": [
          "obj-13",
          0
         ],
         "order": 1
        }
       },
       {
        "patchline": {
         "source": [
          "obj-13",
          0
         ],
         "destination": [
          "obj-11",
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
          "obj-15",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
         ],
         "destination": [
          "obj-16",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
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
          "obj-10",
          1
         ],
         "destination": [
          "obj-17",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-18",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          0
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
          "obj-7",
          0
         ],
         "destination": [
          "obj-14",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          5
         ],
         "destination": [
          "obj-20",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-20",
          0
         ],
         "destination": [
          "obj-19",
          2
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-20",
          1
         ],
         "destination": [
          "obj-19",
          3
         ],
         "order": 1
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          4
         ],
         "destination": [
          "obj-19",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-21",
          0
         ],
         "destination": [
          "obj-19",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-22",
          0
         ],
         "destination": [
          "obj-19",
          2
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-23",
          0
         ],
         "destination": [
          "obj-19",
          3
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
          "obj-19",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-19",
          0
         ],
         "destination": [
          "obj-4",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          4
         ],
         "destination": [
          "obj-24",
          1
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
          "obj-24",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-24",
          0
         ],
         "destination": [
          "obj-5",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-25",
          1
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
          "obj-25",
          0
         ],
         "destination": [
          "obj-3",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-14",
          0
         ],
         "destination": [
          "obj-25",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-14",
          1
         ],
         "destination": [
          "obj-26",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          2
         ],
         "destination": [
          "obj-6",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          1
         ],
         "destination": [
          "obj-27",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          0
         ],
         "destination": [
          "obj-28",
          1
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
          "obj-30",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-30",
          0
         ],
         "destination": [
          "obj-31",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-29",
          0
         ],
         "destination": [
          "obj-31",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-31",
          0
         ],
         "destination": [
          "obj-28",
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
          "obj-33",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-33",
          0
         ],
         "destination": [
          "obj-34",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-32",
          0
         ],
         "destination": [
          "obj-34",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-34",
          0
         ],
         "destination": [
          "obj-28",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-10",
          0
         ],
         "destination": [
          "obj-36",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-36",
          0
         ],
         "destination": [
          "obj-35",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-35",
          0
         ],
         "destination": [
          "obj-28",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-28",
          0
         ],
         "destination": [
          "obj-27",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-27",
          0
         ],
         "destination": [
          "obj-25",
          0
         ],
         "order": 0
        }
       }
      ],
      "dependency_cache": [],
      "autosave": 0
     },
     "text": "p grid",
     "outlettype": [
      "",
      "",
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-45",
     "maxclass": "newobj",
     "numinlets": 4,
     "numoutlets": 4,
     "patching_rect": [
      20.0,
      606.0,
      65.3,
      22
     ],
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
       681.9,
       472.0
      ],
      "bglocked": 0,
      "openinpresentation": 0,
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
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          40.0,
          30,
          30
         ],
         "comment": "1 begins, 0 closes",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          66.0,
          40.0,
          30,
          30
         ],
         "comment": "length of a beat or bar in ms, 0 without a grid",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          112.0,
          40.0,
          30,
          30
         ],
         "comment": "left (signal)",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          158.0,
          40.0,
          30,
          30
         ],
         "comment": "right (signal)",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          400.0,
          30,
          30
         ],
         "comment": "bang when a recording begins",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          66.0,
          400.0,
          30,
          30
         ],
         "comment": "length of the loop in ms",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          112.0,
          400.0,
          30,
          30
         ],
         "comment": "bang when all of it is in the buffer",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          158.0,
          400.0,
          30,
          30
         ],
         "comment": "bang when it must be closed",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          204.0,
          40.0,
          132.3,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "buffer~ #0-rec 60000 2"
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "newobj",
         "numinlets": 4,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          356.0,
          99.0,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "record~ #0-rec 2"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "newobj",
         "numinlets": 3,
         "numoutlets": 3,
         "patching_rect": [
          20.0,
          92.0,
          46.0,
          22
         ],
         "outlettype": [
          "",
          "",
          ""
         ],
         "text": "sel 1 0"
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 5,
         "patching_rect": [
          20.0,
          136.0,
          75.0,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          "",
          ""
         ],
         "text": "t 1 1 b b b"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          268.0,
          37.3,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "timer"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          73.3,
          268.0,
          76.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "delay 59000"
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          180.0,
          54.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "gate 1 0"
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          312.0,
          575.9,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "expr min(max(($f2 > 0.) * max(1.\\, int($f1 / max($f2\\, 0.001) + 0.5)) * $f2 + ($f2 <= 0.) * $f1\\, 100.)\\, 59000.)"
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          135.0,
          356.0,
          241.1,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "expr int($f1 * $f2 / 1000. + 0.5) * 1000. / $f2"
        }
       },
       {
        "box": {
         "id": "obj-18",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 4,
         "patching_rect": [
          111.0,
          136.0,
          63.0,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          ""
         ],
         "text": "dspstate~"
        }
       },
       {
        "box": {
         "id": "obj-19",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          352.3,
          40.0,
          98.6,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "loadmess 44100"
        }
       },
       {
        "box": {
         "id": "obj-20",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          466.9,
          40.0,
          60.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "loadbang"
        }
       },
       {
        "box": {
         "id": "obj-21",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          82.0,
          92.0,
          62.6,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "delay 100"
        }
       },
       {
        "box": {
         "id": "obj-22",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 4,
         "patching_rect": [
          20.0,
          224.0,
          70.0,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          ""
         ],
         "text": "t b b 0 stop"
        }
       },
       {
        "box": {
         "id": "obj-23",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          165.3,
          268.0,
          56.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "delay 80"
        }
       },
       {
        "box": {
         "id": "obj-24",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          611.9,
          312.0,
          34.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t b 0"
        }
       },
       {
        "box": {
         "id": "obj-25",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          392.1,
          356.0,
          55.9,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "deferlow"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-3",
          0
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
          "obj-4",
          0
         ],
         "destination": [
          "obj-10",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-1",
          0
         ],
         "destination": [
          "obj-11",
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
          4
         ],
         "destination": [
          "obj-5",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-12",
          3
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
          "obj-12",
          2
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
          "obj-12",
          1
         ],
         "destination": [
          "obj-15",
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
          "obj-15",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-2",
          0
         ],
         "destination": [
          "obj-16",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          1
         ],
         "destination": [
          "obj-17",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-19",
          0
         ],
         "destination": [
          "obj-17",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-20",
          0
         ],
         "destination": [
          "obj-21",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-21",
          0
         ],
         "destination": [
          "obj-18",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          0
         ],
         "destination": [
          "obj-17",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-6",
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
          "obj-16",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
         ],
         "destination": [
          "obj-22",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-22",
          3
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
          "obj-22",
          2
         ],
         "destination": [
          "obj-15",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-22",
          1
         ],
         "destination": [
          "obj-13",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-22",
          0
         ],
         "destination": [
          "obj-23",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-23",
          0
         ],
         "destination": [
          "obj-24",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-24",
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
          "obj-24",
          0
         ],
         "destination": [
          "obj-25",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-25",
          0
         ],
         "destination": [
          "obj-7",
          0
         ],
         "order": 0
        }
       }
      ],
      "dependency_cache": [],
      "autosave": 0
     },
     "text": "p recorder",
     "outlettype": [
      "",
      "",
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-46",
     "maxclass": "newobj",
     "numinlets": 4,
     "numoutlets": 3,
     "patching_rect": [
      20.0,
      782.0,
      60.0,
      22
     ],
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
       527.0,
       648.0
      ],
      "bglocked": 0,
      "openinpresentation": 0,
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
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          40.0,
          30,
          30
         ],
         "comment": "length of the loop in ms: the loop begins now",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          66.0,
          40.0,
          30,
          30
         ],
         "comment": "player from the next seam on: 0 recording, 1 and 2 takes",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          112.0,
          40.0,
          30,
          30
         ],
         "comment": "player from now on; -1 is silence",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          158.0,
          40.0,
          30,
          30
         ],
         "comment": "level from 0 to 1",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          576.0,
          30,
          30
         ],
         "comment": "left (signal)",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          66.0,
          576.0,
          30,
          30
         ],
         "comment": "right (signal)",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          112.0,
          576.0,
          30,
          30
         ],
         "comment": "player that is heard, when it changes",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 3,
         "patching_rect": [
          20.0,
          92.0,
          45.0,
          22
         ],
         "outlettype": [
          "",
          "",
          ""
         ],
         "text": "t 0. f f"
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          180.0,
          67.6,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "phasor~ 0."
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          136.0,
          50.6,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "!/ 1000."
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          224.0,
          43.6,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "delta~"
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          268.0,
          38.0,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "<~ 0."
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          86.6,
          136.0,
          40.9,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "click~"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          312.0,
          30.0,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "+~"
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          143.5,
          136.0,
          50.3,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "sig~ -1."
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          81.0,
          92.0,
          30.6,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t b f"
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          356.0,
          50.3,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "sah~ 0."
        }
       },
       {
        "box": {
         "id": "obj-18",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          400.0,
          83.0,
          22
         ],
         "outlettype": [
          "float"
         ],
         "text": "snapshot~ 30"
        }
       },
       {
        "box": {
         "id": "obj-19",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          444.0,
          30.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "int"
        }
       },
       {
        "box": {
         "id": "obj-20",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 3,
         "patching_rect": [
          20.0,
          488.0,
          64.0,
          22
         ],
         "outlettype": [
          "",
          "",
          ""
         ],
         "text": "change -2"
        }
       },
       {
        "box": {
         "id": "obj-21",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          209.8,
          136.0,
          49.6,
          22
         ],
         "outlettype": [
          "signal",
          "bang"
         ],
         "text": "line~ 1."
        }
       },
       {
        "box": {
         "id": "obj-22",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          127.6,
          92.0,
          66.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "pack 0. 20"
        }
       },
       {
        "box": {
         "id": "obj-23",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          532.0,
          35.6,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "*~ 1."
        }
       },
       {
        "box": {
         "id": "obj-24",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          71.6,
          532.0,
          35.6,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "*~ 1."
        }
       },
       {
        "box": {
         "id": "obj-25",
         "maxclass": "newobj",
         "numinlets": 3,
         "numoutlets": 2,
         "patching_rect": [
          79.6,
          224.0,
          119.7,
          22
         ],
         "outlettype": [
          "signal",
          "signal"
         ],
         "text": "wave~ #0-rec 0. 0. 2"
        }
       },
       {
        "box": {
         "id": "obj-26",
         "maxclass": "newobj",
         "numinlets": 3,
         "numoutlets": 1,
         "patching_rect": [
          66.0,
          444.0,
          131.0,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "rampsmooth~ 480 480"
        }
       },
       {
        "box": {
         "id": "obj-27",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          119.0,
          400.0,
          45.0,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "==~ 0."
        }
       },
       {
        "box": {
         "id": "obj-28",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          100.0,
          488.0,
          30.0,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "*~"
        }
       },
       {
        "box": {
         "id": "obj-29",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          146.0,
          488.0,
          30.0,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "*~"
        }
       },
       {
        "box": {
         "id": "obj-30",
         "maxclass": "newobj",
         "numinlets": 3,
         "numoutlets": 2,
         "patching_rect": [
          215.3,
          224.0,
          109.7,
          22
         ],
         "outlettype": [
          "signal",
          "signal"
         ],
         "text": "wave~ #0-a 0. 0. 2"
        }
       },
       {
        "box": {
         "id": "obj-31",
         "maxclass": "newobj",
         "numinlets": 3,
         "numoutlets": 1,
         "patching_rect": [
          213.0,
          444.0,
          131.0,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "rampsmooth~ 480 480"
        }
       },
       {
        "box": {
         "id": "obj-32",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          180.0,
          400.0,
          45.0,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "==~ 1."
        }
       },
       {
        "box": {
         "id": "obj-33",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          192.0,
          488.0,
          30.0,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "*~"
        }
       },
       {
        "box": {
         "id": "obj-34",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          238.0,
          488.0,
          30.0,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "*~"
        }
       },
       {
        "box": {
         "id": "obj-35",
         "maxclass": "newobj",
         "numinlets": 3,
         "numoutlets": 2,
         "patching_rect": [
          341.0,
          224.0,
          109.7,
          22
         ],
         "outlettype": [
          "signal",
          "signal"
         ],
         "text": "wave~ #0-b 0. 0. 2"
        }
       },
       {
        "box": {
         "id": "obj-36",
         "maxclass": "newobj",
         "numinlets": 3,
         "numoutlets": 1,
         "patching_rect": [
          360.0,
          444.0,
          131.0,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "rampsmooth~ 480 480"
        }
       },
       {
        "box": {
         "id": "obj-37",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          241.0,
          400.0,
          45.0,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "==~ 2."
        }
       },
       {
        "box": {
         "id": "obj-38",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          284.0,
          488.0,
          30.0,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "*~"
        }
       },
       {
        "box": {
         "id": "obj-39",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          330.0,
          488.0,
          30.0,
          22
         ],
         "outlettype": [
          "signal"
         ],
         "text": "*~"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-1",
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
          "obj-8",
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
          "obj-10",
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
          0
         ],
         "destination": [
          "obj-11",
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
          "obj-14",
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
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-2",
          0
         ],
         "destination": [
          "obj-15",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-3",
          0
         ],
         "destination": [
          "obj-16",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          1
         ],
         "destination": [
          "obj-15",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          0
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
          "obj-15",
          0
         ],
         "destination": [
          "obj-17",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-14",
          0
         ],
         "destination": [
          "obj-17",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-18",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          0
         ],
         "destination": [
          "obj-19",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-19",
          0
         ],
         "destination": [
          "obj-20",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-20",
          0
         ],
         "destination": [
          "obj-7",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-4",
          0
         ],
         "destination": [
          "obj-22",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-22",
          0
         ],
         "destination": [
          "obj-21",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-21",
          0
         ],
         "destination": [
          "obj-23",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-23",
          0
         ],
         "destination": [
          "obj-5",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-21",
          0
         ],
         "destination": [
          "obj-24",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-24",
          0
         ],
         "destination": [
          "obj-6",
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
          "obj-25",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          2
         ],
         "destination": [
          "obj-25",
          2
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-27",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-27",
          0
         ],
         "destination": [
          "obj-26",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-25",
          0
         ],
         "destination": [
          "obj-28",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          0
         ],
         "destination": [
          "obj-28",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-28",
          0
         ],
         "destination": [
          "obj-23",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-25",
          1
         ],
         "destination": [
          "obj-29",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          0
         ],
         "destination": [
          "obj-29",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-29",
          0
         ],
         "destination": [
          "obj-24",
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
          "obj-30",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          2
         ],
         "destination": [
          "obj-30",
          2
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-32",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-32",
          0
         ],
         "destination": [
          "obj-31",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-30",
          0
         ],
         "destination": [
          "obj-33",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-31",
          0
         ],
         "destination": [
          "obj-33",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-33",
          0
         ],
         "destination": [
          "obj-23",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-30",
          1
         ],
         "destination": [
          "obj-34",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-31",
          0
         ],
         "destination": [
          "obj-34",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-34",
          0
         ],
         "destination": [
          "obj-24",
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
          "obj-35",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          2
         ],
         "destination": [
          "obj-35",
          2
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-37",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-37",
          0
         ],
         "destination": [
          "obj-36",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-35",
          0
         ],
         "destination": [
          "obj-38",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-36",
          0
         ],
         "destination": [
          "obj-38",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-38",
          0
         ],
         "destination": [
          "obj-23",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-35",
          1
         ],
         "destination": [
          "obj-39",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-36",
          0
         ],
         "destination": [
          "obj-39",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-39",
          0
         ],
         "destination": [
          "obj-24",
          0
         ],
         "order": 0
        }
       }
      ],
      "dependency_cache": [],
      "autosave": 0
     },
     "text": "p players",
     "outlettype": [
      "",
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-47",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      20.0,
      738.0,
      46.0,
      22
     ],
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
       320.0,
       516.0
      ],
      "bglocked": 0,
      "openinpresentation": 0,
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
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          40.0,
          30,
          30
         ],
         "comment": "path of a take to be heard (symbol)",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          66.0,
          40.0,
          30,
          30
         ],
         "comment": "player that is heard",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          444.0,
          30,
          30
         ],
         "comment": "player that has it",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          224.0,
          109.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "expr ($i1 == 1) + 1"
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          136.0,
          33.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "int 0"
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          92.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t l b"
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          268.0,
          54.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "gate 2 1"
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          180.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t i i"
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          356.0,
          115.7,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "buffer~ #0-a 1000 2"
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          312.0,
          97.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend replace"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          400.0,
          28.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "t 1"
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          151.7,
          356.0,
          115.7,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "buffer~ #0-b 1000 2"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          133.3,
          312.0,
          97.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend replace"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          64.0,
          400.0,
          28.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "t 2"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-2",
          0
         ],
         "destination": [
          "obj-5",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-1",
          0
         ],
         "destination": [
          "obj-6",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-6",
          1
         ],
         "destination": [
          "obj-5",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
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
          "obj-8",
          1
         ],
         "destination": [
          "obj-3",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          0
         ],
         "destination": [
          "obj-4",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-4",
          0
         ],
         "destination": [
          "obj-7",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-6",
          0
         ],
         "destination": [
          "obj-7",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          0
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
          "obj-10",
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
          "obj-9",
          1
         ],
         "destination": [
          "obj-11",
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
          "obj-3",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          1
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
          1
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
          0
         ],
         "destination": [
          "obj-3",
          0
         ],
         "order": 0
        }
       }
      ],
      "dependency_cache": [],
      "autosave": 0
     },
     "text": "p shelf",
     "outlettype": [
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-48",
     "maxclass": "newobj",
     "numinlets": 3,
     "numoutlets": 1,
     "patching_rect": [
      82.0,
      738.0,
      49.9,
      22
     ],
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
       320.0,
       516.0
      ],
      "bglocked": 0,
      "openinpresentation": 0,
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
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          40.0,
          30,
          30
         ],
         "comment": "bang when the recording is complete",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          66.0,
          40.0,
          30,
          30
         ],
         "comment": "length in ms",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          112.0,
          40.0,
          30,
          30
         ],
         "comment": "path to write to (symbol)",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          444.0,
          30,
          30
         ],
         "comment": "path, when it is written (symbol)",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 3,
         "patching_rect": [
          20.0,
          92.0,
          45.0,
          22
         ],
         "outlettype": [
          "",
          "",
          ""
         ],
         "text": "t b b b"
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          268.0,
          206.5,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "buffer~ #0-file 100 2 @format float32"
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          136.0,
          51.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "t #0-rec"
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          180.0,
          106.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend duplicate"
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          87.3,
          136.0,
          66.6,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "float 1000."
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          142.0,
          180.0,
          94.6,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend crop 0."
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          169.89999999999998,
          136.0,
          39.9,
          22
         ],
         "outlettype": [
          "list",
          "inactive"
         ],
         "text": "zl.reg"
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          252.6,
          180.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t l 1"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          312.0,
          54.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "gate 1 0"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          224.0,
          111.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend writewave"
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          356.0,
          34.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t b 0"
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          400.0,
          39.9,
          22
         ],
         "outlettype": [
          "list",
          "inactive"
         ],
         "text": "zl.reg"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-1",
          0
         ],
         "destination": [
          "obj-5",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          2
         ],
         "destination": [
          "obj-7",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
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
          "obj-8",
          0
         ],
         "destination": [
          "obj-6",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-2",
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
          "obj-5",
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
          "obj-10",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-10",
          0
         ],
         "destination": [
          "obj-6",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-3",
          0
         ],
         "destination": [
          "obj-11",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          0
         ],
         "destination": [
          "obj-11",
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
          1
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
          "obj-12",
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
          0
         ],
         "destination": [
          "obj-6",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-6",
          1
         ],
         "destination": [
          "obj-13",
          1
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
          "obj-15",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          1
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
          "obj-3",
          0
         ],
         "destination": [
          "obj-16",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
         ],
         "destination": [
          "obj-16",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          0
         ],
         "destination": [
          "obj-4",
          0
         ],
         "order": 0
        }
       }
      ],
      "dependency_cache": [],
      "autosave": 0
     },
     "text": "p writer",
     "outlettype": [
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-49",
     "maxclass": "newobj",
     "numinlets": 3,
     "numoutlets": 3,
     "patching_rect": [
      20.0,
      650.0,
      56.6,
      22
     ],
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
       360.6,
       604.0
      ],
      "bglocked": 0,
      "openinpresentation": 0,
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
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          40.0,
          30,
          30
         ],
         "comment": "folder (symbol)",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          66.0,
          40.0,
          30,
          30
         ],
         "comment": "own port (int)",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          112.0,
          40.0,
          30,
          30
         ],
         "comment": "bang: a new loop",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          532.0,
          30,
          30
         ],
         "comment": "path of the loop (symbol)",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          66.0,
          532.0,
          30,
          30
         ],
         "comment": "how the paths of its takes begin (symbol)",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          112.0,
          532.0,
          30,
          30
         ],
         "comment": "bang: there is no folder",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "newobj",
         "numinlets": 4,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          400.0,
          193.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "sprintf symout %s/vamp-%i-%i-%s"
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          158.0,
          40.0,
          78.6,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "loadmess #1"
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          252.6,
          40.0,
          72.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "loadmess 0"
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          92.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t 2 l"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          224.0,
          39.9,
          22
         ],
         "outlettype": [
          "list",
          "inactive"
         ],
         "text": "zl.reg"
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
          136.0,
          54.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "gate 2 1"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 3,
         "patching_rect": [
          20.0,
          180.0,
          76.6,
          22
         ],
         "outlettype": [
          "",
          "",
          ""
         ],
         "text": "t b date time"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 3,
         "patching_rect": [
          75.9,
          224.0,
          45.0,
          22
         ],
         "outlettype": [
          "",
          "",
          ""
         ],
         "text": "date"
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          312.0,
          41.3,
          22
         ],
         "outlettype": [
          "list",
          "inactive"
         ],
         "text": "zl.join"
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "newobj",
         "numinlets": 6,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          356.0,
          239.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "sprintf symout %i%02i%02i-%02i%02i%02i"
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          268.0,
          57.3,
          22
         ],
         "text": "$3 $1 $2",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-18",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          444.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t l l"
        }
       },
       {
        "box": {
         "id": "obj-19",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          488.0,
          156.6,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "sprintf symout %s-loop.wav"
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
          "obj-7",
          2
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
          "obj-7",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-2",
          0
         ],
         "destination": [
          "obj-7",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-1",
          0
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
          "obj-10",
          1
         ],
         "destination": [
          "obj-11",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-10",
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
          "obj-3",
          0
         ],
         "destination": [
          "obj-12",
          1
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
          "obj-6",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-12",
          1
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
          2
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
          "obj-13",
          1
         ],
         "destination": [
          "obj-14",
          0
         ],
         "order": 1
        }
       },
       {
        "patchline": {
         "source": [
          "obj-14",
          1
         ],
         "destination": [
          "obj-15",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-14",
          0
         ],
         "destination": [
          "obj-17",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-15",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
         ],
         "destination": [
          "obj-16",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          0
         ],
         "destination": [
          "obj-7",
          3
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
          "obj-11",
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
          "obj-7",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          0
         ],
         "destination": [
          "obj-18",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          1
         ],
         "destination": [
          "obj-5",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          0
         ],
         "destination": [
          "obj-19",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-19",
          0
         ],
         "destination": [
          "obj-4",
          0
         ],
         "order": 0
        }
       }
      ],
      "dependency_cache": [],
      "autosave": 0
     },
     "text": "p names",
     "outlettype": [
      "",
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-50",
     "maxclass": "newobj",
     "numinlets": 4,
     "numoutlets": 4,
     "patching_rect": [
      20.0,
      694.0,
      60.0,
      22
     ],
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
       471.8,
       428.0
      ],
      "bglocked": 0,
      "openinpresentation": 0,
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
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          40.0,
          30,
          30
         ],
         "comment": "path of a take that is done (symbol)",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          66.0,
          40.0,
          30,
          30
         ],
         "comment": "entry chosen in the menu (int)",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          112.0,
          40.0,
          30,
          30
         ],
         "comment": "bang: the entry before",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          158.0,
          40.0,
          30,
          30
         ],
         "comment": "bang: forget all takes",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          356.0,
          30,
          30
         ],
         "comment": "messages for the menu",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          66.0,
          356.0,
          30,
          30
         ],
         "comment": "path of a take to be heard (symbol)",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          112.0,
          356.0,
          30,
          30
         ],
         "comment": "bang: the loop itself is to be heard",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          158.0,
          356.0,
          30,
          30
         ],
         "comment": "entry that is to be heard (int)",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 4,
         "patching_rect": [
          20.0,
          268.0,
          60.0,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          ""
         ],
         "text": "coll"
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          136.0,
          33.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "int 0"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "newobj",
         "numinlets": 5,
         "numoutlets": 4,
         "patching_rect": [
          69.3,
          136.0,
          104.0,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          ""
         ],
         "text": "counter 1 100000"
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 3,
         "patching_rect": [
          20.0,
          92.0,
          45.0,
          22
         ],
         "outlettype": [
          "",
          "",
          ""
         ],
         "text": "t i i i"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          189.3,
          136.0,
          35.9,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "sel 0"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          312.0,
          79.3,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "route symbol"
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          81.0,
          92.0,
          28.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "t b"
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          180.0,
          30.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "- 1"
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          224.0,
          72.6,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "maximum 0"
        }
       },
       {
        "box": {
         "id": "obj-18",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          125.0,
          92.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t b l"
        }
       },
       {
        "box": {
         "id": "obj-19",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          108.6,
          224.0,
          41.3,
          22
         ],
         "outlettype": [
          "list",
          "inactive"
         ],
         "text": "zl.join"
        }
       },
       {
        "box": {
         "id": "obj-20",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 3,
         "patching_rect": [
          66.0,
          180.0,
          45.0,
          22
         ],
         "outlettype": [
          "",
          "",
          ""
         ],
         "text": "t i i i"
        }
       },
       {
        "box": {
         "id": "obj-21",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          165.89999999999998,
          224.0,
          129.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "sprintf append take %i"
        }
       },
       {
        "box": {
         "id": "obj-22",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 4,
         "patching_rect": [
          171.0,
          92.0,
          60.0,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          ""
         ],
         "text": "t 0 1 b b"
        }
       },
       {
        "box": {
         "id": "obj-23",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          241.20000000000002,
          136.0,
          36.6,
          22
         ],
         "text": "clear",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-24",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          293.8,
          136.0,
          142.0,
          22
         ],
         "text": "clear, append loop, set 0",
         "outlettype": [
          ""
         ]
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-12",
          2
         ],
         "destination": [
          "obj-10",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-12",
          1
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
          "obj-12",
          0
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
          "obj-7",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-13",
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
          0
         ],
         "destination": [
          "obj-6",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-2",
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
          "obj-3",
          0
         ],
         "destination": [
          "obj-15",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
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
          "obj-10",
          0
         ],
         "destination": [
          "obj-16",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          0
         ],
         "destination": [
          "obj-17",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-5",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-1",
          0
         ],
         "destination": [
          "obj-18",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          1
         ],
         "destination": [
          "obj-19",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          0
         ],
         "destination": [
          "obj-11",
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
          "obj-20",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-20",
          2
         ],
         "destination": [
          "obj-19",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-19",
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
          "obj-20",
          1
         ],
         "destination": [
          "obj-21",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-21",
          0
         ],
         "destination": [
          "obj-5",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-20",
          0
         ],
         "destination": [
          "obj-5",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-4",
          0
         ],
         "destination": [
          "obj-22",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-22",
          3
         ],
         "destination": [
          "obj-23",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-23",
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
          "obj-22",
          2
         ],
         "destination": [
          "obj-24",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-24",
          0
         ],
         "destination": [
          "obj-5",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-22",
          1
         ],
         "destination": [
          "obj-11",
          2
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-22",
          0
         ],
         "destination": [
          "obj-10",
          1
         ],
         "order": 0
        }
       }
      ],
      "dependency_cache": [],
      "autosave": 0
     },
     "text": "p takes",
     "outlettype": [
      "",
      "",
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-51",
     "maxclass": "newobj",
     "numinlets": 6,
     "numoutlets": 3,
     "patching_rect": [
      20.0,
      1086.0,
      90.0,
      22
     ],
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
       320.0,
       516.0
      ],
      "bglocked": 0,
      "openinpresentation": 0,
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
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          40.0,
          30,
          30
         ],
         "comment": "bang: a vamp is wanted",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          66.0,
          40.0,
          30,
          30
         ],
         "comment": "0 loop, 1 take",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          112.0,
          40.0,
          30,
          30
         ],
         "comment": "path of the loop, once it is written (symbol)",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          158.0,
          40.0,
          30,
          30
         ],
         "comment": "path of the take that is to be heard (symbol)",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          204.0,
          40.0,
          30,
          30
         ],
         "comment": "entry that is to be heard",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          250.0,
          40.0,
          30,
          30
         ],
         "comment": "bang: there is no loop any more",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          444.0,
          30,
          30
         ],
         "comment": "path to vary (symbol)",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          66.0,
          444.0,
          30,
          30
         ],
         "comment": "bang: ask",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          112.0,
          444.0,
          30,
          30
         ],
         "comment": "bang: there is nothing to vary yet",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          136.0,
          54.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "gate 2 1"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          92.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t 2 l"
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          66.0,
          92.0,
          28.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "t 1"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          356.0,
          39.9,
          22
         ],
         "outlettype": [
          "list",
          "inactive"
         ],
         "text": "zl.reg"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          400.0,
          39.9,
          22
         ],
         "outlettype": [
          "list",
          "inactive"
         ],
         "text": "zl.reg"
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          180.0,
          34.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t b b"
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          224.0,
          33.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "int 0"
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          268.0,
          109.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "expr ($i1 > 0) * $i2"
        }
       },
       {
        "box": {
         "id": "obj-18",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          312.0,
          35.9,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "sel 0"
        }
       },
       {
        "box": {
         "id": "obj-19",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          75.9,
          356.0,
          28.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "t b"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-1",
          0
         ],
         "destination": [
          "obj-10",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-3",
          0
         ],
         "destination": [
          "obj-11",
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
          "obj-10",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-6",
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
          "obj-13",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-4",
          0
         ],
         "destination": [
          "obj-14",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-10",
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
          "obj-10",
          1
         ],
         "destination": [
          "obj-15",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          0
         ],
         "destination": [
          "obj-16",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-2",
          0
         ],
         "destination": [
          "obj-17",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          1
         ],
         "destination": [
          "obj-16",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          0
         ],
         "destination": [
          "obj-17",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-18",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          0
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
          "obj-7",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          1
         ],
         "destination": [
          "obj-19",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-19",
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
          0
         ],
         "destination": [
          "obj-7",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
         ],
         "destination": [
          "obj-8",
          0
         ],
         "order": 0
        }
       }
      ],
      "dependency_cache": [],
      "autosave": 0
     },
     "text": "p source",
     "outlettype": [
      "",
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-52",
     "maxclass": "newobj",
     "numinlets": 3,
     "numoutlets": 6,
     "patching_rect": [
      20.0,
      1174.0,
      90.0,
      22
     ],
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
       443.4,
       604.0
      ],
      "bglocked": 0,
      "openinpresentation": 0,
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
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          40.0,
          30,
          30
         ],
         "comment": "path of a take that was asked for (symbol)",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          66.0,
          40.0,
          30,
          30
         ],
         "comment": "progress stage fraction, done path seed take seconds, error code address reason",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          112.0,
          40.0,
          30,
          30
         ],
         "comment": "bang: forget the vamp that is on its way",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          532.0,
          30,
          30
         ],
         "comment": "path of a take that is done (symbol)",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          66.0,
          532.0,
          30,
          30
         ],
         "comment": "seed it was made with (int)",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          112.0,
          532.0,
          30,
          30
         ],
         "comment": "how far it is, 0 to 1",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          158.0,
          532.0,
          30,
          30
         ],
         "comment": "status text",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          204.0,
          532.0,
          30,
          30
         ],
         "comment": "bang: a vamp failed",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          250.0,
          532.0,
          30,
          30
         ],
         "comment": "bang: cancel the vamp at the server",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          92.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t 1 l"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          488.0,
          39.9,
          22
         ],
         "outlettype": [
          "list",
          "inactive"
         ],
         "text": "zl.reg"
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          356.0,
          54.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "gate 1 0"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          180.0,
          54.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "gate 1 0"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 4,
         "patching_rect": [
          20.0,
          224.0,
          60.0,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          ""
         ],
         "text": "t 0 0 b 0."
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          268.0,
          54.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "gate 1 0"
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "newobj",
         "numinlets": 4,
         "numoutlets": 4,
         "patching_rect": [
          66.0,
          92.0,
          146.7,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          ""
         ],
         "text": "route progress done error"
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          400.0,
          72.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "unpack s 0."
        }
       },
       {
        "box": {
         "id": "obj-18",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          444.0,
          128.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "sprintf set varying: %s"
        }
       },
       {
        "box": {
         "id": "obj-19",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 4,
         "patching_rect": [
          20.0,
          312.0,
          60.0,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          ""
         ],
         "text": "t b 0 l 1."
        }
       },
       {
        "box": {
         "id": "obj-20",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 4,
         "patching_rect": [
          90.0,
          356.0,
          91.3,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          ""
         ],
         "text": "unpack s 0 s 0."
        }
       },
       {
        "box": {
         "id": "obj-21",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          108.0,
          400.0,
          253.4,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "sprintf set made in %.1f s: comes at the seam"
        }
       },
       {
        "box": {
         "id": "obj-22",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          164.0,
          444.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t b i"
        }
       },
       {
        "box": {
         "id": "obj-23",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          377.4,
          400.0,
          30.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "int"
        }
       },
       {
        "box": {
         "id": "obj-24",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 4,
         "patching_rect": [
          20.0,
          136.0,
          60.0,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          ""
         ],
         "text": "t b 0 l 0."
        }
       },
       {
        "box": {
         "id": "obj-25",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          90.0,
          180.0,
          49.3,
          22
         ],
         "outlettype": [
          "anything",
          "list"
         ],
         "text": "zl.nth 3"
        }
       },
       {
        "box": {
         "id": "obj-26",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          96.0,
          224.0,
          74.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend set"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-1",
          0
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
          "obj-10",
          1
         ],
         "destination": [
          "obj-11",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-10",
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
          "obj-10",
          0
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
          "obj-3",
          0
         ],
         "destination": [
          "obj-13",
          1
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
          "obj-6",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-14",
          2
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
          "obj-14",
          1
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
          "obj-14",
          0
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
          "obj-10",
          0
         ],
         "destination": [
          "obj-15",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-14",
          0
         ],
         "destination": [
          "obj-15",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-2",
          0
         ],
         "destination": [
          "obj-16",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          0
         ],
         "destination": [
          "obj-12",
          1
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
          "obj-17",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          1
         ],
         "destination": [
          "obj-6",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-18",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          0
         ],
         "destination": [
          "obj-7",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          1
         ],
         "destination": [
          "obj-15",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
         ],
         "destination": [
          "obj-19",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-19",
          3
         ],
         "destination": [
          "obj-6",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-19",
          2
         ],
         "destination": [
          "obj-20",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-20",
          3
         ],
         "destination": [
          "obj-21",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-21",
          0
         ],
         "destination": [
          "obj-7",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-19",
          1
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
          "obj-19",
          1
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
          "obj-19",
          1
         ],
         "destination": [
          "obj-15",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-20",
          1
         ],
         "destination": [
          "obj-23",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-19",
          0
         ],
         "destination": [
          "obj-23",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-23",
          0
         ],
         "destination": [
          "obj-22",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-22",
          1
         ],
         "destination": [
          "obj-5",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-22",
          0
         ],
         "destination": [
          "obj-11",
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
          "obj-4",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          2
         ],
         "destination": [
          "obj-24",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-24",
          3
         ],
         "destination": [
          "obj-6",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-24",
          2
         ],
         "destination": [
          "obj-25",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-25",
          0
         ],
         "destination": [
          "obj-26",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          0
         ],
         "destination": [
          "obj-7",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-24",
          1
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
          "obj-24",
          1
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
          "obj-24",
          1
         ],
         "destination": [
          "obj-15",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-24",
          0
         ],
         "destination": [
          "obj-8",
          0
         ],
         "order": 0
        }
       }
      ],
      "dependency_cache": [],
      "autosave": 0
     },
     "text": "p state",
     "outlettype": [
      "",
      "",
      "",
      "",
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-53",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 14,
     "patching_rect": [
      270.0,
      230.0,
      210.0,
      22
     ],
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
       690.4000000000001,
       428.0
      ],
      "bglocked": 0,
      "openinpresentation": 0,
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
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          40.0,
          30,
          30
         ],
         "comment": "number of the preset",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          356.0,
          30,
          30
         ],
         "comment": "value of period",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          66.0,
          356.0,
          30,
          30
         ],
         "comment": "value of period_width",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          112.0,
          356.0,
          30,
          30
         ],
         "comment": "value of period_offset",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          158.0,
          356.0,
          30,
          30
         ],
         "comment": "value of codebooks_kept",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          204.0,
          356.0,
          30,
          30
         ],
         "comment": "value of random_keep",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          250.0,
          356.0,
          30,
          30
         ],
         "comment": "value of onset_width",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          296.0,
          356.0,
          30,
          30
         ],
         "comment": "value of dropout",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          342.0,
          356.0,
          30,
          30
         ],
         "comment": "value of temperature",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          388.0,
          356.0,
          30,
          30
         ],
         "comment": "value of mask_temperature",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          434.0,
          356.0,
          30,
          30
         ],
         "comment": "value of top_p",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          480.0,
          356.0,
          30,
          30
         ],
         "comment": "value of coarse_passes",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          526.0,
          356.0,
          30,
          30
         ],
         "comment": "value of fine_passes",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          572.0,
          356.0,
          30,
          30
         ],
         "comment": "value of feedback",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          618.0,
          356.0,
          30,
          30
         ],
         "comment": "value of beat_after_ms",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          180.0,
          54.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "gate 1 0"
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          66.0,
          40.0,
          60.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "loadbang"
        }
       },
       {
        "box": {
         "id": "obj-18",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          92.0,
          69.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "delay 1500"
        }
       },
       {
        "box": {
         "id": "obj-19",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          136.0,
          28.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "t 1"
        }
       },
       {
        "box": {
         "id": "obj-20",
         "maxclass": "newobj",
         "numinlets": 4,
         "numoutlets": 4,
         "patching_rect": [
          20.0,
          224.0,
          60.0,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          ""
         ],
         "text": "sel 0 1 2"
        }
       },
       {
        "box": {
         "id": "obj-21",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 14,
         "patching_rect": [
          20.0,
          312.0,
          236.1,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          "",
          "",
          "",
          "",
          "",
          "",
          "",
          "",
          "",
          "",
          ""
         ],
         "text": "unpack 0. 0. 0. 0. 0. 0. 0. 0. 0. 0. 0. 0. 0. 0."
        }
       },
       {
        "box": {
         "id": "obj-22",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          268.0,
          200.8,
          22
         ],
         "text": "32 26 0 14 0 0 0 0.7 10.5 1 12 2 1 0",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-23",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          236.8,
          268.0,
          200.8,
          22
         ],
         "text": "48 28 0 14 0 0 0 0.7 10.5 1 12 2 1 0",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-24",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          453.6,
          268.0,
          200.8,
          22
         ],
         "text": "64 24 0 14 0 0 0 0.8 10.5 1 12 2 1 0",
         "outlettype": [
          ""
         ]
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-18",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          0
         ],
         "destination": [
          "obj-19",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-19",
          0
         ],
         "destination": [
          "obj-16",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-1",
          0
         ],
         "destination": [
          "obj-16",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          0
         ],
         "destination": [
          "obj-20",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-20",
          0
         ],
         "destination": [
          "obj-22",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-22",
          0
         ],
         "destination": [
          "obj-21",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-20",
          1
         ],
         "destination": [
          "obj-23",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-23",
          0
         ],
         "destination": [
          "obj-21",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-20",
          2
         ],
         "destination": [
          "obj-24",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-24",
          0
         ],
         "destination": [
          "obj-21",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-21",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-21",
          1
         ],
         "destination": [
          "obj-3",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-21",
          2
         ],
         "destination": [
          "obj-4",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-21",
          3
         ],
         "destination": [
          "obj-5",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-21",
          4
         ],
         "destination": [
          "obj-6",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-21",
          5
         ],
         "destination": [
          "obj-7",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-21",
          6
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
          "obj-21",
          7
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
          "obj-21",
          8
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
          "obj-21",
          9
         ],
         "destination": [
          "obj-11",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-21",
          10
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
          "obj-21",
          11
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
          "obj-21",
          12
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
          "obj-21",
          13
         ],
         "destination": [
          "obj-15",
          0
         ],
         "order": 0
        }
       }
      ],
      "dependency_cache": [],
      "autosave": 0
     },
     "text": "p presets",
     "outlettype": [
      "",
      "",
      "",
      "",
      "",
      "",
      "",
      "",
      "",
      "",
      "",
      "",
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-54",
     "maxclass": "newobj",
     "numinlets": 21,
     "numoutlets": 4,
     "patching_rect": [
      20.0,
      1130.0,
      315.0,
      22
     ],
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
       3034.2000000000003,
       516.0
      ],
      "bglocked": 0,
      "openinpresentation": 0,
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
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          40.0,
          30,
          30
         ],
         "comment": "bang: ask for a vamp",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          66.0,
          40.0,
          30,
          30
         ],
         "comment": "number of the preset",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          112.0,
          40.0,
          30,
          30
         ],
         "comment": "1: the drawn mask decides",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          158.0,
          40.0,
          30,
          30
         ],
         "comment": "path of the loop or take to vary (symbol)",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          204.0,
          40.0,
          30,
          30
         ],
         "comment": "how the paths of takes begin (symbol)",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          250.0,
          40.0,
          30,
          30
         ],
         "comment": "tempo in bpm; 0: none",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          296.0,
          40.0,
          30,
          30
         ],
         "comment": "seed; -1: a new one each time",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          342.0,
          40.0,
          30,
          30
         ],
         "comment": "value of period",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          388.0,
          40.0,
          30,
          30
         ],
         "comment": "value of period_width",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          434.0,
          40.0,
          30,
          30
         ],
         "comment": "value of period_offset",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          480.0,
          40.0,
          30,
          30
         ],
         "comment": "value of codebooks_kept",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          526.0,
          40.0,
          30,
          30
         ],
         "comment": "value of random_keep",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          572.0,
          40.0,
          30,
          30
         ],
         "comment": "value of onset_width",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          618.0,
          40.0,
          30,
          30
         ],
         "comment": "value of dropout",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          664.0,
          40.0,
          30,
          30
         ],
         "comment": "value of temperature",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          710.0,
          40.0,
          30,
          30
         ],
         "comment": "value of mask_temperature",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          756.0,
          40.0,
          30,
          30
         ],
         "comment": "value of top_p",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-18",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          802.0,
          40.0,
          30,
          30
         ],
         "comment": "value of coarse_passes",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-19",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          848.0,
          40.0,
          30,
          30
         ],
         "comment": "value of fine_passes",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-20",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          894.0,
          40.0,
          30,
          30
         ],
         "comment": "value of feedback",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-21",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          940.0,
          40.0,
          30,
          30
         ],
         "comment": "value of beat_after_ms",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-22",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          444.0,
          30,
          30
         ],
         "comment": "OSC messages",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-23",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          66.0,
          444.0,
          30,
          30
         ],
         "comment": "path of the take that was asked for (symbol)",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-24",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          112.0,
          444.0,
          30,
          30
         ],
         "comment": "bang: send the drawn mask",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-25",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          158.0,
          444.0,
          30,
          30
         ],
         "comment": "bang: all dials tell their values",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-26",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 9,
         "patching_rect": [
          20.0,
          92.0,
          135.0,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          "",
          "",
          "",
          "",
          "",
          ""
         ],
         "text": "t b b b b 0 b 1 b b"
        }
       },
       {
        "box": {
         "id": "obj-27",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          136.0,
          33.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "int 1"
        }
       },
       {
        "box": {
         "id": "obj-28",
         "maxclass": "newobj",
         "numinlets": 4,
         "numoutlets": 4,
         "patching_rect": [
          20.0,
          180.0,
          60.0,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          ""
         ],
         "text": "sel 0 1 2"
        }
       },
       {
        "box": {
         "id": "obj-29",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          224.0,
          118.6,
          22
         ],
         "text": "/vamp/preset faithful",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-30",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          154.6,
          224.0,
          132.0,
          22
         ],
         "text": "/vamp/preset balanced",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-31",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          302.6,
          224.0,
          104.0,
          22
         ],
         "text": "/vamp/preset wild",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-32",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          69.3,
          136.0,
          54.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "gate 1 0"
        }
       },
       {
        "box": {
         "id": "obj-33",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          422.6,
          224.0,
          54.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "gate 1 0"
        }
       },
       {
        "box": {
         "id": "obj-34",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          171.0,
          92.0,
          146.7,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/set/period"
        }
       },
       {
        "box": {
         "id": "obj-35",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          333.7,
          92.0,
          181.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/set/period_width"
        }
       },
       {
        "box": {
         "id": "obj-36",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          531.0,
          92.0,
          182.7,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/set/period_offset"
        }
       },
       {
        "box": {
         "id": "obj-37",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          729.7,
          92.0,
          200.7,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/set/codebooks_kept"
        }
       },
       {
        "box": {
         "id": "obj-38",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          946.4000000000001,
          92.0,
          186.7,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/set/random_keep"
        }
       },
       {
        "box": {
         "id": "obj-39",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          1149.1000000000001,
          92.0,
          177.4,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/set/onset_width"
        }
       },
       {
        "box": {
         "id": "obj-40",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          1342.5000000000002,
          92.0,
          154.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/set/dropout"
        }
       },
       {
        "box": {
         "id": "obj-41",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          1512.5000000000002,
          92.0,
          178.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/set/temperature"
        }
       },
       {
        "box": {
         "id": "obj-42",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          1706.5000000000002,
          92.0,
          213.4,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/set/mask_temperature"
        }
       },
       {
        "box": {
         "id": "obj-43",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          1935.9000000000003,
          92.0,
          143.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/set/top_p"
        }
       },
       {
        "box": {
         "id": "obj-44",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          2095.2000000000003,
          92.0,
          194.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/set/coarse_passes"
        }
       },
       {
        "box": {
         "id": "obj-45",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          2305.2000000000003,
          92.0,
          177.4,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/set/fine_passes"
        }
       },
       {
        "box": {
         "id": "obj-46",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          2498.6000000000004,
          92.0,
          162.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/set/feedback"
        }
       },
       {
        "box": {
         "id": "obj-47",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          2676.6000000000004,
          92.0,
          190.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/set/beat_after_ms"
        }
       },
       {
        "box": {
         "id": "obj-48",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          139.3,
          136.0,
          30.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "int"
        }
       },
       {
        "box": {
         "id": "obj-49",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          96.0,
          180.0,
          34.6,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "== 0"
        }
       },
       {
        "box": {
         "id": "obj-50",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          146.6,
          180.0,
          33.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "float"
        }
       },
       {
        "box": {
         "id": "obj-51",
         "maxclass": "newobj",
         "numinlets": 3,
         "numoutlets": 1,
         "patching_rect": [
          2882.6000000000004,
          92.0,
          68.6,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "clip 0. 300."
        }
       },
       {
        "box": {
         "id": "obj-52",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          185.3,
          136.0,
          54.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "gate 1 0"
        }
       },
       {
        "box": {
         "id": "obj-53",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          2967.2000000000003,
          92.0,
          31.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "> 0."
        }
       },
       {
        "box": {
         "id": "obj-54",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          492.6,
          224.0,
          176.7,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/set/tempo_bpm"
        }
       },
       {
        "box": {
         "id": "obj-55",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          255.3,
          136.0,
          37.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "int -1"
        }
       },
       {
        "box": {
         "id": "obj-56",
         "maxclass": "newobj",
         "numinlets": 3,
         "numoutlets": 2,
         "patching_rect": [
          195.89999999999998,
          180.0,
          112.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "split 0 2147483647"
        }
       },
       {
        "box": {
         "id": "obj-57",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          685.3,
          224.0,
          139.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/set/seed"
        }
       },
       {
        "box": {
         "id": "obj-58",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          323.9,
          180.0,
          30.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "int"
        }
       },
       {
        "box": {
         "id": "obj-59",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          308.6,
          136.0,
          34.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t b b"
        }
       },
       {
        "box": {
         "id": "obj-60",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          369.9,
          180.0,
          104.6,
          22
         ],
         "text": "/vamp/mask/clear",
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-61",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          840.5999999999999,
          224.0,
          35.9,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "sel 1"
        }
       },
       {
        "box": {
         "id": "obj-62",
         "maxclass": "newobj",
         "numinlets": 5,
         "numoutlets": 4,
         "patching_rect": [
          490.5,
          180.0,
          110.7,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          ""
         ],
         "text": "counter 1 1000000"
        }
       },
       {
        "box": {
         "id": "obj-63",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          892.4999999999999,
          224.0,
          170.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "sprintf symout %s-take%i.wav"
        }
       },
       {
        "box": {
         "id": "obj-64",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          617.2,
          180.0,
          39.9,
          22
         ],
         "outlettype": [
          "list",
          "inactive"
         ],
         "text": "zl.reg"
        }
       },
       {
        "box": {
         "id": "obj-65",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 3,
         "patching_rect": [
          358.6,
          136.0,
          45.0,
          22
         ],
         "outlettype": [
          "",
          "",
          ""
         ],
         "text": "t b b b"
        }
       },
       {
        "box": {
         "id": "obj-66",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          312.0,
          41.3,
          22
         ],
         "outlettype": [
          "list",
          "inactive"
         ],
         "text": "zl.join"
        }
       },
       {
        "box": {
         "id": "obj-67",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          268.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t l l"
        }
       },
       {
        "box": {
         "id": "obj-68",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          673.1,
          180.0,
          39.9,
          22
         ],
         "outlettype": [
          "list",
          "inactive"
         ],
         "text": "zl.reg"
        }
       },
       {
        "box": {
         "id": "obj-69",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          356.0,
          67.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "append #1"
        }
       },
       {
        "box": {
         "id": "obj-70",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          400.0,
          109.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/file"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-1",
          0
         ],
         "destination": [
          "obj-26",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-2",
          0
         ],
         "destination": [
          "obj-27",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          8
         ],
         "destination": [
          "obj-27",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-27",
          0
         ],
         "destination": [
          "obj-28",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-28",
          0
         ],
         "destination": [
          "obj-29",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-29",
          0
         ],
         "destination": [
          "obj-22",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-28",
          1
         ],
         "destination": [
          "obj-30",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-30",
          0
         ],
         "destination": [
          "obj-22",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-28",
          2
         ],
         "destination": [
          "obj-31",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-31",
          0
         ],
         "destination": [
          "obj-22",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-32",
          0
         ],
         "destination": [
          "obj-22",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-33",
          0
         ],
         "destination": [
          "obj-22",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          0
         ],
         "destination": [
          "obj-34",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-34",
          0
         ],
         "destination": [
          "obj-33",
          1
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
          "obj-35",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-35",
          0
         ],
         "destination": [
          "obj-32",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-10",
          0
         ],
         "destination": [
          "obj-36",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-36",
          0
         ],
         "destination": [
          "obj-32",
          1
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
          "obj-37",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-37",
          0
         ],
         "destination": [
          "obj-32",
          1
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
          "obj-38",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-38",
          0
         ],
         "destination": [
          "obj-33",
          1
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
          "obj-39",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-39",
          0
         ],
         "destination": [
          "obj-33",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-14",
          0
         ],
         "destination": [
          "obj-40",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-40",
          0
         ],
         "destination": [
          "obj-32",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
         ],
         "destination": [
          "obj-41",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-41",
          0
         ],
         "destination": [
          "obj-32",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          0
         ],
         "destination": [
          "obj-42",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-42",
          0
         ],
         "destination": [
          "obj-32",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-43",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-43",
          0
         ],
         "destination": [
          "obj-32",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          0
         ],
         "destination": [
          "obj-44",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-44",
          0
         ],
         "destination": [
          "obj-32",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-19",
          0
         ],
         "destination": [
          "obj-45",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-45",
          0
         ],
         "destination": [
          "obj-32",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-20",
          0
         ],
         "destination": [
          "obj-46",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-46",
          0
         ],
         "destination": [
          "obj-32",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-21",
          0
         ],
         "destination": [
          "obj-47",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-47",
          0
         ],
         "destination": [
          "obj-33",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-3",
          0
         ],
         "destination": [
          "obj-48",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          6
         ],
         "destination": [
          "obj-32",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          7
         ],
         "destination": [
          "obj-48",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-48",
          0
         ],
         "destination": [
          "obj-49",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-49",
          0
         ],
         "destination": [
          "obj-33",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          5
         ],
         "destination": [
          "obj-25",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          4
         ],
         "destination": [
          "obj-32",
          0
         ],
         "order": 1
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          4
         ],
         "destination": [
          "obj-33",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-6",
          0
         ],
         "destination": [
          "obj-51",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-51",
          0
         ],
         "destination": [
          "obj-50",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-21",
          0
         ],
         "destination": [
          "obj-53",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-53",
          0
         ],
         "destination": [
          "obj-52",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          3
         ],
         "destination": [
          "obj-52",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-52",
          0
         ],
         "destination": [
          "obj-50",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-50",
          0
         ],
         "destination": [
          "obj-54",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-54",
          0
         ],
         "destination": [
          "obj-22",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          0
         ],
         "destination": [
          "obj-55",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          2
         ],
         "destination": [
          "obj-55",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-55",
          0
         ],
         "destination": [
          "obj-56",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-56",
          0
         ],
         "destination": [
          "obj-57",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-57",
          0
         ],
         "destination": [
          "obj-22",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-3",
          0
         ],
         "destination": [
          "obj-58",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          1
         ],
         "destination": [
          "obj-59",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-59",
          1
         ],
         "destination": [
          "obj-60",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-60",
          0
         ],
         "destination": [
          "obj-22",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-59",
          0
         ],
         "destination": [
          "obj-58",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-58",
          0
         ],
         "destination": [
          "obj-61",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-61",
          0
         ],
         "destination": [
          "obj-24",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          0
         ],
         "destination": [
          "obj-64",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          0
         ],
         "destination": [
          "obj-65",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-65",
          2
         ],
         "destination": [
          "obj-62",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-62",
          0
         ],
         "destination": [
          "obj-63",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-65",
          1
         ],
         "destination": [
          "obj-64",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-64",
          0
         ],
         "destination": [
          "obj-63",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-63",
          0
         ],
         "destination": [
          "obj-67",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-67",
          1
         ],
         "destination": [
          "obj-23",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-67",
          0
         ],
         "destination": [
          "obj-66",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-4",
          0
         ],
         "destination": [
          "obj-68",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-65",
          0
         ],
         "destination": [
          "obj-68",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-68",
          0
         ],
         "destination": [
          "obj-66",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-66",
          0
         ],
         "destination": [
          "obj-69",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-69",
          0
         ],
         "destination": [
          "obj-70",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-70",
          0
         ],
         "destination": [
          "obj-22",
          0
         ],
         "order": 0
        }
       }
      ],
      "dependency_cache": [],
      "autosave": 0
     },
     "text": "p ask",
     "outlettype": [
      "",
      "",
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-55",
     "maxclass": "newobj",
     "numinlets": 4,
     "numoutlets": 2,
     "patching_rect": [
      500.0,
      1218.0,
      60.0,
      22
     ],
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
       425.2,
       604.0
      ],
      "bglocked": 0,
      "openinpresentation": 0,
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
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          40.0,
          30,
          30
         ],
         "comment": "bang: send the mask that is drawn",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          66.0,
          40.0,
          30,
          30
         ],
         "comment": "a row of cells from the matrixctrl",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          112.0,
          40.0,
          30,
          30
         ],
         "comment": "row rows cells…: a row of the last vamp's mask",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "inlet",
         "numinlets": 0,
         "numoutlets": 1,
         "patching_rect": [
          158.0,
          40.0,
          30,
          30
         ],
         "comment": "bang: a vamp is done, ask for its mask",
         "index": 0,
         "outlettype": [
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20.0,
          532.0,
          30,
          30
         ],
         "comment": "OSC messages",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "outlet",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          66.0,
          532.0,
          30,
          30
         ],
         "comment": "messages for the matrixctrl",
         "index": 0,
         "outlettype": []
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          224.0,
          40.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "int 14"
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          92.0,
          34.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t b 1"
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "newobj",
         "numinlets": 5,
         "numoutlets": 4,
         "patching_rect": [
          20.0,
          136.0,
          77.3,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          ""
         ],
         "text": "counter 1 64"
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 3,
         "patching_rect": [
          20.0,
          268.0,
          45.0,
          22
         ],
         "outlettype": [
          "",
          "",
          ""
         ],
         "text": "uzi"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          312.0,
          30.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "- 1"
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          356.0,
          94.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend getrow"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          70.0,
          92.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t b l"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          20.0,
          180.0,
          41.3,
          22
         ],
         "outlettype": [
          "list",
          "inactive"
         ],
         "text": "zl.join"
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          76.0,
          224.0,
          145.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/mask/row"
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          116.0,
          92.0,
          56.6,
          22
         ],
         "outlettype": [
          "list",
          "list"
         ],
         "text": "zl.slice 2"
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "newobj",
         "numinlets": 3,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          444.0,
          66.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "pack 0 0 0"
        }
       },
       {
        "box": {
         "id": "obj-18",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          237.3,
          224.0,
          39.9,
          22
         ],
         "outlettype": [
          "list",
          "inactive"
         ],
         "text": "zl.reg"
        }
       },
       {
        "box": {
         "id": "obj-19",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          113.3,
          136.0,
          69.3,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "unpack 0 0"
        }
       },
       {
        "box": {
         "id": "obj-20",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          77.3,
          180.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t i i"
        }
       },
       {
        "box": {
         "id": "obj-21",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 3,
         "patching_rect": [
          293.2,
          224.0,
          50.0,
          22
         ],
         "outlettype": [
          "",
          "",
          ""
         ],
         "text": "change"
        }
       },
       {
        "box": {
         "id": "obj-22",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          81.0,
          268.0,
          83.3,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend rows"
        }
       },
       {
        "box": {
         "id": "obj-23",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          123.3,
          180.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t b i"
        }
       },
       {
        "box": {
         "id": "obj-24",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          359.2,
          224.0,
          30.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "- 1"
        }
       },
       {
        "box": {
         "id": "obj-25",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          180.3,
          268.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t l l"
        }
       },
       {
        "box": {
         "id": "obj-26",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          130.0,
          356.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t i 0"
        }
       },
       {
        "box": {
         "id": "obj-27",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          66.0,
          312.0,
          38.6,
          22
         ],
         "outlettype": [
          "int",
          "inactive"
         ],
         "text": "zl.len"
        }
       },
       {
        "box": {
         "id": "obj-28",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 3,
         "patching_rect": [
          20.0,
          400.0,
          50.0,
          22
         ],
         "outlettype": [
          "",
          "",
          ""
         ],
         "text": "change"
        }
       },
       {
        "box": {
         "id": "obj-29",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          102.0,
          444.0,
          102.6,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend columns"
        }
       },
       {
        "box": {
         "id": "obj-30",
         "maxclass": "newobj",
         "numinlets": 5,
         "numoutlets": 4,
         "patching_rect": [
          86.0,
          400.0,
          84.0,
          22
         ],
         "outlettype": [
          "",
          "",
          "",
          ""
         ],
         "text": "counter 0 255"
        }
       },
       {
        "box": {
         "id": "obj-31",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          176.0,
          356.0,
          30.0,
          22
         ],
         "outlettype": [
          "",
          ""
         ],
         "text": "t b i"
        }
       },
       {
        "box": {
         "id": "obj-32",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          120.6,
          312.0,
          28.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "iter"
        }
       },
       {
        "box": {
         "id": "obj-33",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          20.0,
          488.0,
          74.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend set"
        }
       },
       {
        "box": {
         "id": "obj-34",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          188.6,
          92.0,
          30.6,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "t #1"
        }
       },
       {
        "box": {
         "id": "obj-35",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          198.6,
          136.0,
          136.0,
          22
         ],
         "outlettype": [
          ""
         ],
         "text": "prepend /vamp/mask/of"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-1",
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
          "obj-8",
          1
         ],
         "destination": [
          "obj-9",
          2
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          0
         ],
         "destination": [
          "obj-7",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          0
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
          "obj-10",
          2
         ],
         "destination": [
          "obj-11",
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
          "obj-6",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-2",
          0
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
          1
         ],
         "destination": [
          "obj-14",
          1
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
          0
         ],
         "destination": [
          "obj-15",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
         ],
         "destination": [
          "obj-5",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-3",
          0
         ],
         "destination": [
          "obj-16",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          1
         ],
         "destination": [
          "obj-18",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          0
         ],
         "destination": [
          "obj-19",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-19",
          1
         ],
         "destination": [
          "obj-20",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-20",
          1
         ],
         "destination": [
          "obj-7",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-20",
          0
         ],
         "destination": [
          "obj-21",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-21",
          0
         ],
         "destination": [
          "obj-22",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-22",
          0
         ],
         "destination": [
          "obj-6",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-19",
          0
         ],
         "destination": [
          "obj-23",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-23",
          1
         ],
         "destination": [
          "obj-24",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-24",
          0
         ],
         "destination": [
          "obj-17",
          1
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-23",
          0
         ],
         "destination": [
          "obj-18",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          0
         ],
         "destination": [
          "obj-25",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-25",
          1
         ],
         "destination": [
          "obj-27",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-27",
          0
         ],
         "destination": [
          "obj-26",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          0
         ],
         "destination": [
          "obj-28",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-28",
          0
         ],
         "destination": [
          "obj-29",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-29",
          0
         ],
         "destination": [
          "obj-6",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-26",
          1
         ],
         "destination": [
          "obj-30",
          2
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-25",
          0
         ],
         "destination": [
          "obj-32",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-32",
          0
         ],
         "destination": [
          "obj-31",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-31",
          1
         ],
         "destination": [
          "obj-17",
          2
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-31",
          0
         ],
         "destination": [
          "obj-30",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-30",
          0
         ],
         "destination": [
          "obj-17",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-33",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-33",
          0
         ],
         "destination": [
          "obj-6",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-4",
          0
         ],
         "destination": [
          "obj-34",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-34",
          0
         ],
         "destination": [
          "obj-35",
          0
         ],
         "order": 0
        }
       },
       {
        "patchline": {
         "source": [
          "obj-35",
          0
         ],
         "destination": [
          "obj-5",
          0
         ],
         "order": 0
        }
       }
      ],
      "dependency_cache": [],
      "autosave": 0
     },
     "text": "p mask",
     "outlettype": [
      "",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-56",
     "maxclass": "newobj",
     "numinlets": 5,
     "numoutlets": 5,
     "patching_rect": [
      496.0,
      230.0,
      162.7,
      22
     ],
     "outlettype": [
      "",
      "",
      "",
      "",
      ""
     ],
     "text": "route port folder online mask"
    }
   },
   {
    "box": {
     "id": "obj-57",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 2,
     "patching_rect": [
      260.0,
      1002.0,
      54.0,
      22
     ],
     "outlettype": [
      "",
      ""
     ],
     "text": "gate 2 1"
    }
   },
   {
    "box": {
     "id": "obj-58",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      1008.0,
      360.0,
      30.0,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "+ 1"
    }
   },
   {
    "box": {
     "id": "obj-59",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      126.0,
      1086.0,
      256.7,
      22
     ],
     "text": "set the server does not answer: see on the left",
     "outlettype": [
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-60",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "patching_rect": [
      674.7,
      230.0,
      28.0,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "t 0"
    }
   },
   {
    "box": {
     "id": "obj-61",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "patching_rect": [
      576.0,
      1218.0,
      30.6,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "t #1"
    }
   },
   {
    "box": {
     "id": "obj-62",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "patching_rect": [
      20.0,
      1272.0,
      128.7,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "prepend /vamp/cancel"
    }
   },
   {
    "box": {
     "id": "obj-63",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      20.0,
      518.0,
      54.0,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "gate 1 0"
    }
   },
   {
    "box": {
     "id": "obj-64",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      1054.0,
      360.0,
      34.0,
      22
     ],
     "outlettype": [
      "",
      ""
     ],
     "text": "t 1 b"
    }
   },
   {
    "box": {
     "id": "obj-65",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "patching_rect": [
      2452.0,
      40.0,
      60.0,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "loadbang"
    }
   },
   {
    "box": {
     "id": "obj-66",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      718.7,
      230.0,
      69.3,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "delay 1500"
    }
   },
   {
    "box": {
     "id": "obj-67",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      20.0,
      430.0,
      36.6,
      22
     ],
     "text": "set 0",
     "outlettype": [
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-68",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      96.0,
      694.0,
      33.3,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "float"
    }
   },
   {
    "box": {
     "id": "obj-69",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      101.3,
      606.0,
      131.3,
      22
     ],
     "text": "set waiting for the beat",
     "outlettype": [
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-70",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 4,
     "patching_rect": [
      92.6,
      650.0,
      60.0,
      22
     ],
     "outlettype": [
      "",
      "",
      "",
      ""
     ],
     "text": "t b b b -1"
    }
   },
   {
    "box": {
     "id": "obj-71",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      168.6,
      650.0,
      80.0,
      22
     ],
     "text": "set recording",
     "outlettype": [
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-72",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      804.0,
      230.0,
      104.6,
      22
     ],
     "text": "set Record a loop",
     "outlettype": [
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-73",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 4,
     "patching_rect": [
      264.6,
      650.0,
      60.0,
      22
     ],
     "outlettype": [
      "",
      "",
      "",
      ""
     ],
     "text": "t b 0 f f"
    }
   },
   {
    "box": {
     "id": "obj-74",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      145.3,
      694.0,
      30.0,
      22
     ],
     "outlettype": [
      "",
      ""
     ],
     "text": "t b l"
    }
   },
   {
    "box": {
     "id": "obj-75",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      191.3,
      694.0,
      261.4,
      22
     ],
     "text": "set choose a folder on the left and record again",
     "outlettype": [
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-76",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "patching_rect": [
      924.6,
      230.0,
      28.0,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "t 0"
    }
   },
   {
    "box": {
     "id": "obj-77",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "patching_rect": [
      147.9,
      738.0,
      28.0,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "t 0"
    }
   },
   {
    "box": {
     "id": "obj-78",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      20.0,
      826.0,
      30.0,
      22
     ],
     "outlettype": [
      "",
      ""
     ],
     "text": "t i i"
    }
   },
   {
    "box": {
     "id": "obj-79",
     "maxclass": "newobj",
     "numinlets": 4,
     "numoutlets": 4,
     "patching_rect": [
      20.0,
      870.0,
      60.0,
      22
     ],
     "outlettype": [
      "",
      "",
      "",
      ""
     ],
     "text": "sel 0 1 2"
    }
   },
   {
    "box": {
     "id": "obj-80",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "patching_rect": [
      20.0,
      958.0,
      74.0,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "prepend set"
    }
   },
   {
    "box": {
     "id": "obj-81",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "patching_rect": [
      20.0,
      914.0,
      49.9,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "t #0-file"
    }
   },
   {
    "box": {
     "id": "obj-82",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "patching_rect": [
      85.9,
      914.0,
      41.3,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "t #0-a"
    }
   },
   {
    "box": {
     "id": "obj-83",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "patching_rect": [
      143.2,
      914.0,
      41.3,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "t #0-b"
    }
   },
   {
    "box": {
     "id": "obj-84",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      96.0,
      782.0,
      34.0,
      22
     ],
     "outlettype": [
      "",
      ""
     ],
     "text": "t b b"
    }
   },
   {
    "box": {
     "id": "obj-85",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      66.0,
      826.0,
      130.6,
      22
     ],
     "text": "set ready: press Vamp",
     "outlettype": [
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-86",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "patching_rect": [
      110.0,
      958.0,
      28.0,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "t b"
    }
   },
   {
    "box": {
     "id": "obj-87",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      200.5,
      914.0,
      54.0,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "gate 1 0"
    }
   },
   {
    "box": {
     "id": "obj-88",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      270.5,
      914.0,
      108.7,
      22
     ],
     "text": "set a take is heard",
     "outlettype": [
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-89",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      395.2,
      914.0,
      108.7,
      22
     ],
     "text": "set a take is heard",
     "outlettype": [
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-90",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 2,
     "patching_rect": [
      72.6,
      430.0,
      35.9,
      22
     ],
     "outlettype": [
      "",
      ""
     ],
     "text": "sel 1"
    }
   },
   {
    "box": {
     "id": "obj-91",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      351.0,
      1130.0,
      122.6,
      22
     ],
     "text": "set record a loop first",
     "outlettype": [
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-92",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      1104.0,
      360.0,
      37.3,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "int -1"
    }
   },
   {
    "box": {
     "id": "obj-93",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      124.5,
      430.0,
      127.7,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "expr $i1 * $i2 + $i2 - 1"
    }
   },
   {
    "box": {
     "id": "obj-94",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      968.6,
      230.0,
      30.0,
      22
     ],
     "outlettype": [
      "",
      ""
     ],
     "text": "t b i"
    }
   },
   {
    "box": {
     "id": "obj-95",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      268.2,
      430.0,
      140.0,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "expr $f1 / 100. * (1 - $i2)"
    }
   },
   {
    "box": {
     "id": "obj-96",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      1014.6,
      230.0,
      30.0,
      22
     ],
     "outlettype": [
      "",
      ""
     ],
     "text": "t b i"
    }
   },
   {
    "box": {
     "id": "obj-97",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 2,
     "patching_rect": [
      424.2,
      430.0,
      49.6,
      22
     ],
     "outlettype": [
      "signal",
      "bang"
     ],
     "text": "line~ 0."
    }
   },
   {
    "box": {
     "id": "obj-98",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      1060.6,
      230.0,
      40.6,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "/ 100."
    }
   },
   {
    "box": {
     "id": "obj-99",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      1157.3,
      360.0,
      66.0,
      22
     ],
     "outlettype": [
      ""
     ],
     "text": "pack 0. 20"
    }
   },
   {
    "box": {
     "id": "obj-100",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      108.0,
      474.0,
      35.6,
      22
     ],
     "outlettype": [
      "signal"
     ],
     "text": "*~ 0."
    }
   },
   {
    "box": {
     "id": "obj-101",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      159.6,
      474.0,
      35.6,
      22
     ],
     "outlettype": [
      "signal"
     ],
     "text": "*~ 0."
    }
   }
  ],
  "lines": [
   {
    "patchline": {
     "source": [
      "obj-1",
      0
     ],
     "destination": [
      "obj-56",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-56",
      0
     ],
     "destination": [
      "obj-49",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-56",
      1
     ],
     "destination": [
      "obj-49",
      0
     ],
     "order": 1
    }
   },
   {
    "patchline": {
     "source": [
      "obj-56",
      2
     ],
     "destination": [
      "obj-58",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-58",
      0
     ],
     "destination": [
      "obj-57",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-56",
      3
     ],
     "destination": [
      "obj-55",
      2
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-56",
      4
     ],
     "destination": [
      "obj-52",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-57",
      0
     ],
     "destination": [
      "obj-59",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-59",
      0
     ],
     "destination": [
      "obj-11",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-52",
      2
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
      "obj-52",
      3
     ],
     "destination": [
      "obj-11",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-52",
      4
     ],
     "destination": [
      "obj-60",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-60",
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
      "obj-52",
      5
     ],
     "destination": [
      "obj-61",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-61",
      0
     ],
     "destination": [
      "obj-62",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-62",
      0
     ],
     "destination": [
      "obj-4",
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
      "obj-63",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-65",
      0
     ],
     "destination": [
      "obj-66",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-66",
      0
     ],
     "destination": [
      "obj-64",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-64",
      1
     ],
     "destination": [
      "obj-67",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-67",
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
      "obj-64",
      0
     ],
     "destination": [
      "obj-63",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-63",
      0
     ],
     "destination": [
      "obj-44",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-21",
      0
     ],
     "destination": [
      "obj-44",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-44",
      0
     ],
     "destination": [
      "obj-45",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-44",
      1
     ],
     "destination": [
      "obj-45",
      1
     ],
     "order": 1
    }
   },
   {
    "patchline": {
     "source": [
      "obj-44",
      2
     ],
     "destination": [
      "obj-68",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-44",
      3
     ],
     "destination": [
      "obj-69",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-69",
      0
     ],
     "destination": [
      "obj-11",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-2",
      0
     ],
     "destination": [
      "obj-45",
      2
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-3",
      0
     ],
     "destination": [
      "obj-45",
      3
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-45",
      0
     ],
     "destination": [
      "obj-70",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-45",
      0
     ],
     "destination": [
      "obj-71",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-71",
      0
     ],
     "destination": [
      "obj-11",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-17",
      0
     ],
     "destination": [
      "obj-70",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-17",
      0
     ],
     "destination": [
      "obj-72",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-72",
      0
     ],
     "destination": [
      "obj-11",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-70",
      3
     ],
     "destination": [
      "obj-46",
      2
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-70",
      2
     ],
     "destination": [
      "obj-52",
      2
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-70",
      1
     ],
     "destination": [
      "obj-51",
      5
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-70",
      0
     ],
     "destination": [
      "obj-50",
      3
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-45",
      1
     ],
     "destination": [
      "obj-73",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-73",
      3
     ],
     "destination": [
      "obj-48",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-73",
      2
     ],
     "destination": [
      "obj-46",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-73",
      1
     ],
     "destination": [
      "obj-46",
      2
     ],
     "order": 1
    }
   },
   {
    "patchline": {
     "source": [
      "obj-73",
      0
     ],
     "destination": [
      "obj-68",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-68",
      0
     ],
     "destination": [
      "obj-54",
      5
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-45",
      2
     ],
     "destination": [
      "obj-49",
      2
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-49",
      0
     ],
     "destination": [
      "obj-74",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-74",
      1
     ],
     "destination": [
      "obj-48",
      2
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-74",
      0
     ],
     "destination": [
      "obj-48",
      0
     ],
     "order": 1
    }
   },
   {
    "patchline": {
     "source": [
      "obj-49",
      1
     ],
     "destination": [
      "obj-54",
      4
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-49",
      2
     ],
     "destination": [
      "obj-75",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-75",
      0
     ],
     "destination": [
      "obj-11",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-45",
      3
     ],
     "destination": [
      "obj-76",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-76",
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
      "obj-50",
      0
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
      "obj-10",
      0
     ],
     "destination": [
      "obj-50",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-15",
      0
     ],
     "destination": [
      "obj-50",
      2
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-52",
      0
     ],
     "destination": [
      "obj-50",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-52",
      0
     ],
     "destination": [
      "obj-55",
      3
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-50",
      1
     ],
     "destination": [
      "obj-47",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-50",
      1
     ],
     "destination": [
      "obj-51",
      3
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-50",
      2
     ],
     "destination": [
      "obj-77",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-77",
      0
     ],
     "destination": [
      "obj-46",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-50",
      3
     ],
     "destination": [
      "obj-51",
      4
     ],
     "order": 1
    }
   },
   {
    "patchline": {
     "source": [
      "obj-47",
      0
     ],
     "destination": [
      "obj-46",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-48",
      0
     ],
     "destination": [
      "obj-51",
      2
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-46",
      2
     ],
     "destination": [
      "obj-78",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-78",
      1
     ],
     "destination": [
      "obj-47",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-78",
      0
     ],
     "destination": [
      "obj-79",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-80",
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
      "obj-79",
      0
     ],
     "destination": [
      "obj-81",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-81",
      0
     ],
     "destination": [
      "obj-80",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-79",
      1
     ],
     "destination": [
      "obj-82",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-82",
      0
     ],
     "destination": [
      "obj-80",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-79",
      2
     ],
     "destination": [
      "obj-83",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-83",
      0
     ],
     "destination": [
      "obj-80",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-48",
      0
     ],
     "destination": [
      "obj-84",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-84",
      1
     ],
     "destination": [
      "obj-81",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-84",
      0
     ],
     "destination": [
      "obj-85",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-85",
      0
     ],
     "destination": [
      "obj-11",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-14",
      0
     ],
     "destination": [
      "obj-87",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-79",
      1
     ],
     "destination": [
      "obj-87",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-79",
      1
     ],
     "destination": [
      "obj-88",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-88",
      0
     ],
     "destination": [
      "obj-11",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-79",
      2
     ],
     "destination": [
      "obj-87",
      1
     ],
     "order": 1
    }
   },
   {
    "patchline": {
     "source": [
      "obj-79",
      2
     ],
     "destination": [
      "obj-89",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-89",
      0
     ],
     "destination": [
      "obj-11",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-87",
      0
     ],
     "destination": [
      "obj-86",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-14",
      0
     ],
     "destination": [
      "obj-90",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-90",
      0
     ],
     "destination": [
      "obj-86",
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
      "obj-86",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-86",
      0
     ],
     "destination": [
      "obj-57",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-57",
      1
     ],
     "destination": [
      "obj-51",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-22",
      0
     ],
     "destination": [
      "obj-51",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-51",
      0
     ],
     "destination": [
      "obj-54",
      3
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-51",
      1
     ],
     "destination": [
      "obj-54",
      0
     ],
     "order": 1
    }
   },
   {
    "patchline": {
     "source": [
      "obj-51",
      2
     ],
     "destination": [
      "obj-91",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-91",
      0
     ],
     "destination": [
      "obj-11",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-20",
      0
     ],
     "destination": [
      "obj-53",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-20",
      0
     ],
     "destination": [
      "obj-54",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-19",
      0
     ],
     "destination": [
      "obj-54",
      2
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-53",
      0
     ],
     "destination": [
      "obj-26",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-26",
      0
     ],
     "destination": [
      "obj-54",
      7
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-54",
      3
     ],
     "destination": [
      "obj-26",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-53",
      1
     ],
     "destination": [
      "obj-27",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-27",
      0
     ],
     "destination": [
      "obj-54",
      8
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-54",
      3
     ],
     "destination": [
      "obj-27",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-53",
      2
     ],
     "destination": [
      "obj-28",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-28",
      0
     ],
     "destination": [
      "obj-54",
      9
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-54",
      3
     ],
     "destination": [
      "obj-28",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-53",
      3
     ],
     "destination": [
      "obj-29",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-29",
      0
     ],
     "destination": [
      "obj-54",
      10
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-54",
      3
     ],
     "destination": [
      "obj-29",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-53",
      4
     ],
     "destination": [
      "obj-30",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-30",
      0
     ],
     "destination": [
      "obj-54",
      11
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-54",
      3
     ],
     "destination": [
      "obj-30",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-53",
      5
     ],
     "destination": [
      "obj-31",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-31",
      0
     ],
     "destination": [
      "obj-54",
      12
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-54",
      3
     ],
     "destination": [
      "obj-31",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-53",
      6
     ],
     "destination": [
      "obj-32",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-32",
      0
     ],
     "destination": [
      "obj-54",
      13
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-54",
      3
     ],
     "destination": [
      "obj-32",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-53",
      7
     ],
     "destination": [
      "obj-33",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-33",
      0
     ],
     "destination": [
      "obj-54",
      14
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-54",
      3
     ],
     "destination": [
      "obj-33",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-53",
      8
     ],
     "destination": [
      "obj-34",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-34",
      0
     ],
     "destination": [
      "obj-54",
      15
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-54",
      3
     ],
     "destination": [
      "obj-34",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-53",
      9
     ],
     "destination": [
      "obj-35",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-35",
      0
     ],
     "destination": [
      "obj-54",
      16
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-54",
      3
     ],
     "destination": [
      "obj-35",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-53",
      10
     ],
     "destination": [
      "obj-36",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-36",
      0
     ],
     "destination": [
      "obj-54",
      17
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-54",
      3
     ],
     "destination": [
      "obj-36",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-53",
      11
     ],
     "destination": [
      "obj-37",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-37",
      0
     ],
     "destination": [
      "obj-54",
      18
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-54",
      3
     ],
     "destination": [
      "obj-37",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-53",
      12
     ],
     "destination": [
      "obj-38",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-38",
      0
     ],
     "destination": [
      "obj-54",
      19
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-54",
      3
     ],
     "destination": [
      "obj-38",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-53",
      13
     ],
     "destination": [
      "obj-39",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-39",
      0
     ],
     "destination": [
      "obj-54",
      20
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-54",
      3
     ],
     "destination": [
      "obj-39",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-54",
      0
     ],
     "destination": [
      "obj-4",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-54",
      1
     ],
     "destination": [
      "obj-52",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-54",
      2
     ],
     "destination": [
      "obj-55",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-55",
      0
     ],
     "destination": [
      "obj-4",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-55",
      1
     ],
     "destination": [
      "obj-42",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-42",
      1
     ],
     "destination": [
      "obj-55",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-52",
      1
     ],
     "destination": [
      "obj-92",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-92",
      0
     ],
     "destination": [
      "obj-93",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-93",
      0
     ],
     "destination": [
      "obj-54",
      6
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-18",
      0
     ],
     "destination": [
      "obj-94",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-94",
      1
     ],
     "destination": [
      "obj-93",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-94",
      0
     ],
     "destination": [
      "obj-92",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-16",
      0
     ],
     "destination": [
      "obj-96",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-96",
      1
     ],
     "destination": [
      "obj-95",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-96",
      0
     ],
     "destination": [
      "obj-40",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-40",
      0
     ],
     "destination": [
      "obj-95",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-95",
      0
     ],
     "destination": [
      "obj-46",
      3
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-41",
      0
     ],
     "destination": [
      "obj-98",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-98",
      0
     ],
     "destination": [
      "obj-99",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-99",
      0
     ],
     "destination": [
      "obj-97",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-2",
      0
     ],
     "destination": [
      "obj-100",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-97",
      0
     ],
     "destination": [
      "obj-100",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-100",
      0
     ],
     "destination": [
      "obj-5",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-46",
      0
     ],
     "destination": [
      "obj-5",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-3",
      0
     ],
     "destination": [
      "obj-101",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-97",
      0
     ],
     "destination": [
      "obj-101",
      1
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-101",
      0
     ],
     "destination": [
      "obj-6",
      0
     ],
     "order": 0
    }
   },
   {
    "patchline": {
     "source": [
      "obj-46",
      1
     ],
     "destination": [
      "obj-6",
      0
     ],
     "order": 0
    }
   }
  ],
  "dependency_cache": [],
  "autosave": 0
 }
}
